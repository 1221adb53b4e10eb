"""python -m gateway.drain: calls that have begun end well before Envoy is stopped."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx
import pytest

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from gateway.drain import drain
from testkit.envoy import Gateway, running_gateway
from testkit.source_tree import ROOT
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import bearer, gateway_settings
from tests.e2e.gateway.upstream import Upstream

SESSION = "/api/tutor/sessions/5"
WATCH = "/api/whiteboard/sessions/5/connection-status/watch"
#: Generous: only a broken gateway takes so long.
LIMIT_SECONDS = 60.0


class SlowAnswer:
    """An answer that a test holds back."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.released = threading.Event()

    def __call__(self, _request: object, _context: grpc.ServicerContext) -> attendance_pb2.Session:
        self.asked.set()
        self.released.wait(LIMIT_SECONDS)
        return attendance_pb2.Session(id=5)


@pytest.fixture
def draining(tmp_path: Path, own_upstream: Upstream) -> Iterator[Gateway]:
    with running_gateway(tmp_path, gateway_settings(own_upstream, GATEWAY_TIMEOUT_SECONDS="60")) as gateway:
        gateway.wait_until_healthy()
        yield gateway


def test_draining_waits_until_a_running_call_has_ended(draining: Gateway, own_upstream: Upstream) -> None:
    answer = own_upstream.answers["GetSession"] = SlowAnswer()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(httpx.get, f"{draining.url}{SESSION}", headers=bearer(), timeout=LIMIT_SECONDS)
        assert answer.asked.wait(LIMIT_SECONDS)
        drained = threads.submit(drain, draining.directory, limit_seconds=LIMIT_SECONDS)
        until_unhealthy(draining)
        assert not drained.done()
        answer.released.set()
        assert call.result().json()["id"] == 5
        assert drained.result() == 0


def test_draining_gives_up_at_its_limit_and_returns_how_many_calls_are_left(
    draining: Gateway, own_upstream: Upstream
) -> None:
    answer = own_upstream.answers["GetSession"] = SlowAnswer()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(httpx.get, f"{draining.url}{SESSION}", headers=bearer(), timeout=LIMIT_SECONDS)
        assert answer.asked.wait(LIMIT_SECONDS)
        assert drain(draining.directory, limit_seconds=0) == 1
        answer.released.set()
        assert call.result().status_code == httpx.codes.OK


def test_a_drained_gateway_refuses_connections_if_it_shall(draining: Gateway, own_upstream: Upstream) -> None:
    own_upstream.answers["GetSession"] = lambda _request, _context: attendance_pb2.Session(id=5)
    with httpx.Client(base_url=draining.url, headers=bearer()) as kept:
        assert kept.get(SESSION).status_code == httpx.codes.OK
        assert drain(draining.directory, limit_seconds=LIMIT_SECONDS, refuse_connections=True) == 0
        draining.wait_until(lambda: is_refused(draining))
        # Who is connected gets an answer to one call more, and has to connect elsewhere.
        assert kept.get(SESSION).headers["connection"] == "close"
        with pytest.raises(httpx.ConnectError):
            kept.get(SESSION)


def test_draining_waits_for_no_stream(draining: Gateway, own_upstream: Upstream) -> None:
    ended = threading.Event()

    def watched(_request: object, _context: grpc.ServicerContext) -> Iterator[object]:
        yield tracking_pb2.WatchConnectionStatusResponse()
        ended.wait(LIMIT_SECONDS)

    own_upstream.answers["WatchConnectionStatus"] = watched
    with httpx.stream("GET", f"{draining.url}{WATCH}", headers=bearer(), timeout=LIMIT_SECONDS) as stream:
        next(stream.iter_lines())
        assert drain(draining.directory, limit_seconds=0) == 0
        ended.set()


def test_after_draining_the_health_check_fails(draining: Gateway) -> None:
    assert drain(draining.directory) == 0
    refused = httpx.get(f"{draining.url}/healthz")
    assert reason(refused, 503) == "SERVICE_UNAVAILABLE"
    assert refused.headers["connection"] == "close"


def test_only_the_owner_may_use_the_admin_socket(gateway: Gateway) -> None:
    assert stat.S_IMODE((gateway.directory / "admin.sock").stat().st_mode) == 0o600


def test_draining_reports_that_no_envoy_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.drain", str(tmp_path)]
    failed = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"Envoy can't be reached in {tmp_path}:")


def is_refused(gateway: Gateway) -> bool:
    """Return whether nobody can connect any more: Envoy's workers stop listening one after the other."""
    try:
        httpx.get(f"{gateway.url}/healthz")
    except httpx.ConnectError:
        return True
    return False


def until_unhealthy(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url) as client:
        gateway.wait_until(lambda: client.get("/healthz").status_code == httpx.codes.SERVICE_UNAVAILABLE)
