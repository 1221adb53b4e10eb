"""The one writer: what waits, what fails alone, what ends in order (DESIGN 6)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from servicekit.errors import StorageConflict, StorageUnavailable
from tests.unit.tracking.histories import heartbeat
from tracking_service.ingest import committer as module
from tracking_service.ingest.committer import GroupCommitter, RecordingFailed
from tracking_service.ingest.inlet import StreamInlet
from tracking_service.ingest.single import NotConfirmed, QueueFull, SingleEvents
from tracking_service.ingest.stream_errors import SequenceGap, StreamBroken, StreamTakenOver
from tracking_service.recording.submission import (
    UNNUMBERED,
    NumberedEvent,
    Outcome,
    Standing,
    StreamHold,
    Submission,
)

#: A test that pauses for so long does not end.
FOR_EVER_SECONDS = 86_400.0

Write = Callable[[Sequence[Submission]], list[Outcome]]


def committed(submissions: Sequence[Submission]) -> list[Outcome]:
    return [Outcome(Standing.COMMITTED) for _ in submissions]


@asynccontextmanager
async def running(write: Write) -> AsyncIterator[GroupCommitter]:
    committer = GroupCommitter(write)
    task = asyncio.create_task(committer.run())
    yield committer
    committer.close()
    await task


def single(at: int = 0) -> Submission:
    return Submission(None, events=[NumberedEvent(UNNUMBERED, heartbeat(at))])


async def test_what_arrives_during_a_flush_is_written_together_in_the_next_one() -> None:
    flushes: list[int] = []
    first_began = threading.Event()
    first_may_end = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        flushes.append(len(submissions))
        first_began.set()
        first_may_end.wait()
        return committed(submissions)

    async with running(write) as committer:
        first = committer.enqueue(single())
        await asyncio.to_thread(first_began.wait)
        rest = [committer.enqueue(single(number)) for number in range(10)]
        first_may_end.set()
        await asyncio.gather(first.outcome, *(ticket.outcome for ticket in rest))
    assert flushes == [1, 10]


async def test_a_submission_that_can_not_be_written_fails_alone() -> None:
    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        if any(numbered.event.at == 13 for submission in submissions for numbered in submission.events):
            raise ValueError("unlucky")
        return committed(submissions)

    async with running(write) as committer:
        tickets = [committer.enqueue(single(at)) for at in (12, 13, 14)]
        outcomes = await asyncio.gather(*(ticket.outcome for ticket in tickets), return_exceptions=True)
    assert isinstance(outcomes[1], RecordingFailed)
    assert [outcomes[0], outcomes[2]] == [Outcome(Standing.COMMITTED)] * 2


async def test_events_wait_for_storage_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    failures = iter([StorageUnavailable(), StorageUnavailable()])

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        for failure in failures:
            raise failure
        return committed(submissions)

    async with running(write) as committer:
        ticket = committer.enqueue(single())
        assert (await ticket.outcome).standing is Standing.COMMITTED


async def test_a_conflict_is_no_storage_away_and_is_written_anew_at_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", FOR_EVER_SECONDS)
    failures = iter([StorageConflict(), StorageConflict()])

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        for failure in failures:
            raise failure
        return committed(submissions)

    async with running(write) as committer:
        ticket = committer.enqueue(single())
        assert (await ticket.outcome).standing is Standing.COMMITTED
        assert committer.conflicts == 2
    assert [record.getMessage() for record in caplog.records] == [
        "another transaction was in the way; written anew"
    ] * 2


async def test_closing_while_storage_is_away_gives_up_what_was_never_acknowledged() -> None:
    tried = threading.Event()

    def write(_submissions: Sequence[Submission]) -> list[Outcome]:
        tried.set()
        raise StorageUnavailable

    async with running(write) as committer:
        tickets = [committer.enqueue(single()) for _ in range(3)]
        await asyncio.to_thread(tried.wait)
    for ticket in tickets:
        with pytest.raises(StorageUnavailable):
            await ticket.outcome


async def test_a_full_queue_refuses_calls_and_holds_streams_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_QUEUED_AT_MOST", 3)
    may_write = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.wait()
        return committed(submissions)

    async with running(write) as committer:
        tickets = [committer.enqueue(single()) for _ in range(3)]
        with pytest.raises(QueueFull):
            await SingleEvents(committer).record(heartbeat(0), deadline_seconds=None)
        waiting = asyncio.create_task(committer.room())
        may_write.set()
        await asyncio.gather(*(ticket.outcome for ticket in tickets))
        await waiting


async def test_a_call_whose_deadline_comes_first_is_told_to_retry() -> None:
    may_write = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.wait()
        return committed(submissions)

    async with running(write) as committer:
        with pytest.raises(NotConfirmed):
            await SingleEvents(committer).record(heartbeat(0), deadline_seconds=0.001)
        may_write.set()


def inlet_of(committer: GroupCommitter, committed_sequence: int = 0) -> StreamInlet:
    return StreamInlet(committer, StreamHold(uuid4(), 1), committed_sequence)


async def test_a_stream_is_acknowledged_up_to_its_last_number() -> None:
    async with running(committed) as committer:
        inlet = inlet_of(committer, 7)
        for sequence in (8, 9, 10):
            inlet.offer(sequence, lambda: heartbeat(0))
        await inlet.settled()
        acknowledgement = inlet.acknowledgement()
    assert acknowledgement is not None
    assert acknowledgement.committed_sequence == 10


async def test_a_gap_in_the_numbers_names_what_was_expected() -> None:
    async with running(committed) as committer:
        with pytest.raises(SequenceGap) as gap:
            inlet_of(committer, 7).offer(9, lambda: heartbeat(0))
    assert gap.value.metadata == {"expected_sequence": "8", "received_sequence": "9"}


@pytest.mark.parametrize(
    ("standing", "error"),
    [(Standing.FENCED, StreamTakenOver), (Standing.DISCONTINUED, StreamBroken)],
)
async def test_a_part_that_was_not_committed_ends_the_stream_and_is_never_acknowledged(
    standing: Standing, error: type[Exception]
) -> None:
    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        return [Outcome(standing) for _ in submissions]

    async with running(write) as committer:
        inlet = inlet_of(committer)
        inlet.offer(1, lambda: heartbeat(0))
        with pytest.raises(error):
            await inlet.settled()
        assert inlet.acknowledgement() is None
