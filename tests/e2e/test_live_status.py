"""Live status end to end: browsers' calls and server-sent events through Envoy, the tracking service, PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from testkit.envoy import Gateway, running_gateway
from testkit.server_sent_events import messages
from testkit.service_process import ServiceProcess, tracking_process
from testkit.tokens import SECRET, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session

#: Generous: only a broken service takes so long.
LIMIT_SECONDS = 60.0


@pytest.fixture
def tracking_service(database: str, tmp_path: Path) -> Iterator[ServiceProcess]:
    with tracking_process(database, tmp_path / "tracking.log") as process:
        yield process


@pytest.fixture
def gateway(tracking_service: ServiceProcess, tmp_path: Path) -> Iterator[Gateway]:
    # Nothing is asked of the attendance service here.
    address = tracking_service.address
    settings = {"JWT_HS256_SECRET": SECRET, "TRACKING_ADDRESS": address, "ATTENDANCE_ADDRESS": address}
    with running_gateway(tmp_path / "gateway", settings) as running:
        yield running


@pytest.fixture
def session_id(database: str) -> int:
    return add_whiteboard_session(database)


def headers(user: int, role: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token(user, role)}"}


def wait_until_served(gateway: Gateway, session_id: int) -> None:
    path = f"{gateway.url}/api/whiteboard/sessions/{session_id}/connection-status"
    tutor = headers(TUTOR, "tutor")
    gateway.wait_until(lambda: httpx.get(path, headers=tutor).status_code == httpx.codes.OK)


@contextmanager
def watching(gateway: Gateway, session_id: int) -> Iterator[tuple[httpx.Response, Iterator[dict[str, Any]]]]:
    path = f"{gateway.url}/api/whiteboard/sessions/{session_id}/connection-status/watch"
    with httpx.stream("GET", path, headers=headers(TUTOR, "tutor"), timeout=LIMIT_SECONDS) as stream:
        yield stream, messages(stream.iter_lines())


def report(gateway: Gateway, session_id: int, event: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{gateway.url}/api/whiteboard/sessions/{session_id}/{event}",
        json={"session_id": session_id, "user_type": "student"},
        headers=headers(STUDENT, "student"),
        timeout=LIMIT_SECONDS,
    )
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def test_a_page_watches_a_student_come_and_go(gateway: Gateway, session_id: int) -> None:
    wait_until_served(gateway, session_id)
    with watching(gateway, session_id) as (stream, states):
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["x-accel-buffering"] == "no"
        first = next(states)
        assert first["status"]["student_connected"] is False
        connected = report(gateway, session_id, "connect")
        second = next(states)
        assert second["status"]["student_connected"] is True
        assert second["status"]["student_connected_at"] == connected["connected_at"]
        assert datetime.fromisoformat(second["as_of"]) > datetime.fromisoformat(first["as_of"])
        report(gateway, session_id, "disconnect")
        assert next(states)["status"]["student_connected"] is False


def test_a_watch_ends_with_the_service_and_goes_on_when_it_is_back(
    gateway: Gateway, tracking_service: ServiceProcess, session_id: int
) -> None:
    wait_until_served(gateway, session_id)
    with watching(gateway, session_id) as (_, states):
        next(states)
        tracking_service.terminate()
        assert list(states) == []
    tracking_service.start()
    wait_until_served(gateway, session_id)
    with watching(gateway, session_id) as (_, states):
        assert next(states)["status"]["session_id"] == session_id
