"""One open stream: numbers, acknowledgements, rejections, and when it is read no further (docs/streams.md)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest

from servicekit.clock import Instant
from servicekit.errors import DomainError, InvalidArgument
from tests.unit.tracking.committers import committed, running_committer
from tests.unit.tracking.histories import heartbeat
from tracking_service.domain.relay_clocks import ClockOffset
from tracking_service.errors import SequenceGap, StreamBroken, StreamExpired, StreamTakenOver
from tracking_service.ingest import stream as module
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.ingest.stream import HeartbeatStream
from tracking_service.recording.submission import (
    NumberedEvent,
    Outcome,
    Rejection,
    StreamHold,
    Submission,
    SubmissionStatus,
)


@pytest.fixture
async def stream() -> AsyncIterator[HeartbeatStream]:
    async with running_committer(committed) as committer:
        yield open_stream(committer)


def open_stream(committer: GroupCommitter, committed_sequence: int = 0) -> HeartbeatStream:
    return HeartbeatStream(committer, StreamHold(uuid4(), 1), committed_sequence)


def event(sequence: int) -> NumberedEvent:
    return NumberedEvent(sequence, heartbeat(0))


async def test_a_stream_is_acknowledged_up_to_its_last_number() -> None:
    async with running_committer(committed) as committer:
        stream = open_stream(committer, 7)
        for sequence in (8, 9, 10):
            stream.accept(event(sequence))
        await stream.settled()
        acknowledgement = stream.acknowledgement()
    assert acknowledgement is not None
    assert acknowledgement.committed_sequence == 10


async def test_a_measured_clock_is_written_without_a_number() -> None:
    written: list[Submission] = []

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        written.extend(submissions)
        return committed(submissions)

    async with running_committer(write) as committer:
        stream = open_stream(committer, 7)
        stream.note_clock_offset(ClockOffset(Instant(0), -360_000_000))
        await stream.settled()
    assert [submission.clock_offsets for submission in written] == [[(0, -360_000_000)]]
    assert stream.committed_sequence == 7


async def test_a_gap_in_the_numbers_names_the_expected_one() -> None:
    async with running_committer(committed) as committer:
        with pytest.raises(SequenceGap) as gap:
            open_stream(committer, 7).accept(event(9))
    assert gap.value.metadata == {"expected_sequence": "8", "received_sequence": "9"}


async def test_an_event_without_a_number_is_invalid(stream: HeartbeatStream) -> None:
    with pytest.raises(InvalidArgument):
        stream.accept(event(0))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (SubmissionStatus.FENCED, StreamTakenOver),
        (SubmissionStatus.EXPIRED, StreamExpired),
        (SubmissionStatus.DISCONTINUED, StreamBroken),
    ],
)
async def test_a_part_that_was_not_committed_ends_the_stream_and_is_never_acknowledged(
    status: SubmissionStatus, error: type[Exception]
) -> None:
    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        return [Outcome(status) for _ in submissions]

    async with running_committer(write) as committer:
        stream = open_stream(committer)
        stream.accept(event(1))
        with pytest.raises(error):
            await stream.settled()
        assert stream.acknowledgement() is None


async def test_many_rejections_are_sent_in_parts_each_once_and_in_order(
    stream: HeartbeatStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_REJECTIONS_PER_ACK", 2)
    for sequence in range(1, 6):
        stream.accept(Rejection(sequence, DomainError()))
    stream.accept(event(6))
    await stream.settled()
    sent = []
    while (acknowledgement := stream.acknowledgement()) is not None:
        sent.append((acknowledgement.committed_sequence, [each.sequence for each in acknowledgement.rejections]))
    assert sent == [(2, [1, 2]), (4, [3, 4]), (6, [5])]


async def test_a_client_that_reads_no_acknowledgement_is_read_no_further(
    stream: HeartbeatStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNACKNOWLEDGED", 1)
    stream.accept(event(1))
    await stream.settled()
    reading_on = asyncio.create_task(stream.may_read_on())
    await asyncio.sleep(0)
    assert not reading_on.done()
    acknowledgement = stream.acknowledgement()
    assert acknowledgement is not None
    stream.mark_acknowledged(acknowledgement)
    await reading_on
