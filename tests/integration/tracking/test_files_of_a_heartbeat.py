"""The files that a plain heartbeat passes are those that docs/architecture.md lists."""

from __future__ import annotations

import asyncio
import re

import pytest

from testkit.call_trace import tracing
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.running_app import channel_to, running
from testkit.source_tree import ROOT
from testkit.whiteboard_sessions import STUDENT
from tracking_service.app import TrackingApp
from tracking_service.folding.schedule import FoldSchedule
from tracking_service.housekeeping import Housekeeping
from tracking_service.settings import TrackingSettings
from tracking_service.status_subscriptions import StatusSubscriptions

MAX_FILES = 14
SECTION = "## The files a heartbeat passes"


async def wait_forever(_self: object) -> None:
    await asyncio.Event().wait()


def documented_files() -> list[str]:
    section = (ROOT / "docs" / "architecture.md").read_text().partition(SECTION)[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. `(tracking_service/[\w/]+\.py)`", section, flags=re.MULTILINE)


async def test_a_plain_heartbeat_passes_the_documented_files(
    settings: TrackingSettings, session_id: int, relay_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What runs beside the calls is no part of a heartbeat's way.
    monkeypatch.setattr(FoldSchedule, "run", wait_forever)
    monkeypatch.setattr(Housekeeping, "run", wait_forever)
    monkeypatch.setattr(StatusSubscriptions, "run", wait_forever)
    with tracing("tracking_service") as trace:
        async with running(TrackingApp(settings)) as app, channel_to(app) as channel:
            stream = HeartbeatStream(channel, relay_token)
            await stream.open()
            await stream.send_batch([event(1, "connect", session_id, STUDENT)])
            await stream.acknowledged(1)
            with trace.recording():
                # Two, one after the other, so that what follows an acknowledgement is recorded too.
                for sequence in (2, 3):
                    await stream.send_batch([event(sequence, "heartbeat", session_id, STUDENT)])
                    await stream.acknowledged(sequence)
    documented = documented_files()
    # Of the domain it passes the files of values; of instruments those that count it.
    besides = ("tracking_service/domain/", "tracking_service/instruments/")
    passed = [file for file in trace.files if not file.startswith(besides)]
    assert sorted(passed) == sorted(documented)
    assert len(documented) <= MAX_FILES
