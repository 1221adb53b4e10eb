"""One stream's way in: what is held back, and how refusals are told (DESIGN 6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from servicekit.errors import DomainError
from tests.unit.tracking.histories import heartbeat
from tracking_service.domain.events import PresenceEvent
from tracking_service.ingest import inlet as module
from tracking_service.ingest.committer import GroupCommitter
from tracking_service.ingest.inlet import StreamInlet
from tracking_service.recording.submission import Outcome, Standing, StreamHold


@pytest.fixture
async def inlet() -> AsyncIterator[StreamInlet]:
    committer = GroupCommitter(lambda submissions: [Outcome(Standing.COMMITTED) for _ in submissions])
    running = asyncio.create_task(committer.run())
    yield StreamInlet(committer, StreamHold(uuid4(), 1), 0)
    committer.close()
    await running


def refused() -> PresenceEvent:
    raise DomainError


async def test_many_refusals_are_told_in_parts_each_once_and_in_order(
    inlet: StreamInlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REJECTIONS_PER_ACKNOWLEDGEMENT", 2)
    for sequence in range(1, 6):
        inlet.offer(sequence, refused)
    inlet.offer(6, lambda: heartbeat(0))
    await inlet.settled()
    told = []
    while (acknowledgement := inlet.acknowledgement()) is not None:
        told.append((acknowledgement.committed_sequence, [each.sequence for each in acknowledgement.rejections]))
    assert told == [(2, [1, 2]), (4, [3, 4]), (6, [5])]


async def test_who_is_told_nothing_is_read_no_further(inlet: StreamInlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNACKNOWLEDGED_AT_MOST", 1)
    inlet.offer(1, lambda: heartbeat(0))
    await inlet.settled()
    reading_on = asyncio.create_task(inlet.may_read_on())
    await asyncio.sleep(0)
    assert not reading_on.done()
    acknowledgement = inlet.acknowledgement()
    assert acknowledgement is not None
    inlet.told(acknowledgement)
    await reading_on
