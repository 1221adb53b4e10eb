"""The one writer: what waits, what fails alone, and how it ends (docs/streams.md#group-commit)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest

from servicekit.clock import Instant
from servicekit.errors import StorageConflict, StorageUnavailable
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tests.unit.tracking.committers import committed, running_committer
from tests.unit.tracking.histories import heartbeat
from tracking_service.domain.events import Participant
from tracking_service.domain.provenance import RelayGap
from tracking_service.errors import NotConfirmed, QueueFull, RecordingFailed
from tracking_service.ingest import fair_queue
from tracking_service.ingest import group_commit as module
from tracking_service.ingest.unary import UnaryEvents
from tracking_service.instruments.able_to_record import AbleToRecord
from tracking_service.recording.submission import (
    UNNUMBERED,
    NumberedEvent,
    Outcome,
    StreamHold,
    Submission,
    SubmissionStatus,
)
from tracking_service.store.observation import NumberedRelayGap

#: A test that pauses for so long fails.
DAY_SECONDS = 86_400.0


def single(at: int = 0) -> Submission:
    return Submission(None, events=[NumberedEvent(UNNUMBERED, heartbeat(at))])


def write_after(*failures: Exception) -> Callable[[Sequence[Submission]], list[Outcome]]:
    """Return a write that fails once with each of the errors, then succeeds."""
    remaining = iter(failures)

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        for failure in remaining:
            raise failure
        return committed(submissions)

    return write


async def test_what_arrives_during_a_flush_is_written_together_in_the_next_one() -> None:
    flushes: list[int] = []
    first_began = threading.Event()
    first_may_end = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        flushes.append(len(submissions))
        first_began.set()
        first_may_end.wait()
        return committed(submissions)

    async with running_committer(write) as committer:
        first = committer.enqueue(single())
        await asyncio.to_thread(first_began.wait)
        rest = [committer.enqueue(single(number)) for number in range(10)]
        first_may_end.set()
        await asyncio.gather(first.outcome, *(pending.outcome for pending in rest))
    assert flushes == [1, 10]


@pytest.mark.parametrize(
    ("streams", "heartbeats_each", "milliseconds"),
    [(0, 511, 10), (0, 512, 20), (10, 52, 20), (50, 1, 10), (300, 1, 60), (300, 100, 60), (5_000, 1, 100)],
)
def test_the_more_rows_a_flush_changes_the_later_the_next_one_begins(
    streams: int, heartbeats_each: int, milliseconds: int
) -> None:
    flush = [Submission(StreamHold(uuid4(), 1)) for _ in range(streams)] or [Submission(None)]
    for submission in flush:
        submission.heartbeats.add_rows(1, [1] * heartbeats_each, [Instant(0)] * heartbeats_each, [""] * heartbeats_each)
    assert module.flush_interval(flush) * 1000 == pytest.approx(milliseconds)


async def test_a_submission_that_can_not_be_written_fails_alone() -> None:
    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        if any(numbered.event.at == 13 for submission in submissions for numbered in submission.events):
            raise ValueError("unlucky")
        return committed(submissions)

    async with running_committer(write) as committer:
        writes = [committer.enqueue(single(at)) for at in (12, 13, 14)]
        outcomes = await asyncio.gather(*(pending.outcome for pending in writes), return_exceptions=True)
    assert isinstance(outcomes[1], RecordingFailed)
    assert [outcomes[0], outcomes[2]] == [Outcome(SubmissionStatus.COMMITTED)] * 2


async def test_a_submission_that_can_not_be_written_is_found_by_halves() -> None:
    attempts = 0

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        nonlocal attempts
        attempts += 1
        if any(numbered.event.at == 700 for submission in submissions for numbered in submission.events):
            raise ValueError("unlucky")
        return committed(submissions)

    async with running_committer(write) as committer:
        writes = [committer.enqueue(single(at)) for at in range(1_000)]
        outcomes = await asyncio.gather(*(pending.outcome for pending in writes), return_exceptions=True)
    assert [at for at, outcome in enumerate(outcomes) if isinstance(outcome, RecordingFailed)] == [700]
    # Both halves of each of the ten divisions, besides the whole.
    assert attempts <= 2 * 10 + 1


@pytest.mark.parametrize("others", [0, 9])
async def test_only_if_nothing_of_a_flush_can_be_written_nothing_can_be_recorded(others: int) -> None:
    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        if any(numbered.event.at == 0 for submission in submissions for numbered in submission.events):
            raise ValueError("refused")
        return committed(submissions)

    able = AbleToRecord()
    async with running_committer(write, able) as committer:
        writes = [committer.enqueue(single(at)) for at in range(1 + others)]
        await asyncio.gather(*(pending.outcome for pending in writes), return_exceptions=True)
    assert (able.unable_seconds == 0) == bool(others)


async def test_events_wait_while_storage_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_RETRY_PAUSE_SECONDS", 0.001)
    async with running_committer(write_after(StorageUnavailable(), StorageUnavailable())) as committer:
        pending = committer.enqueue(single())
        assert (await pending.outcome).status is SubmissionStatus.COMMITTED


async def test_a_conflict_is_retried_at_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "MIN_RETRY_PAUSE_SECONDS", DAY_SECONDS)
    async with running_committer(write_after(StorageConflict(), StorageConflict())) as committer:
        pending = committer.enqueue(single())
        assert (await pending.outcome).status is SubmissionStatus.COMMITTED
        assert committer.conflicts == 2
    assert [record.getMessage() for record in caplog.records] == [
        "another transaction was in the way; the flush is retried"
    ] * 2


async def test_closing_while_storage_is_unavailable_gives_up_what_was_not_acknowledged() -> None:
    tried = threading.Event()

    def write(_submissions: Sequence[Submission]) -> list[Outcome]:
        tried.set()
        raise StorageUnavailable

    async with running_committer(write) as committer:
        writes = [committer.enqueue(single()) for _ in range(3)]
        await asyncio.to_thread(tried.wait)
    for pending in writes:
        with pytest.raises(StorageUnavailable):
            await pending.outcome


def never_present(_participant: Participant) -> int:
    return 0


async def test_a_full_queue_refuses_calls_and_holds_streams_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_EVENTS", 3)
    may_write = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.wait()
        return committed(submissions)

    async with running_committer(write) as committer:
        writes = [committer.enqueue(single()) for _ in range(3)]
        with pytest.raises(QueueFull):
            await UnaryEvents(committer, never_present).record(heartbeat(0), deadline_seconds=None)
        waiting = asyncio.create_task(committer.has_room())
        may_write.set()
        await asyncio.gather(*(pending.outcome for pending in writes))
        await waiting


async def test_a_queue_that_was_full_takes_events_again_when_half_of_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_EVENTS", 4)
    monkeypatch.setattr(fair_queue, "MAX_EVENTS_PER_FLUSH", 1)
    may_write = threading.Semaphore(0)

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.acquire()
        return committed(submissions)

    async with running_committer(write) as committer:
        writes = [committer.enqueue(single()) for _ in range(4)]
        full = []
        for pending in writes:
            may_write.release()
            await pending.outcome
            full.append(committer.is_full)
    assert full == [True, False, False, False]


async def test_gaps_and_the_sessions_that_they_name_fill_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_EVENTS", 3)
    may_write = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.wait()
        return committed(submissions)

    async with running_committer(write) as committer:
        pending = committer.enqueue(Submission(None))
        sessions = frozenset(map(WhiteboardSessionId, (1, 2)))
        gap = RelayGap(StreamId(uuid4()), TimeRange(Instant(0), Instant(1)), sessions)
        committer.add_gap(pending, NumberedRelayGap(1, gap))
        assert committer.is_full
        may_write.set()
        await pending.outcome
        await committer.has_room()


async def test_a_call_whose_deadline_comes_first_is_asked_to_retry() -> None:
    may_write = threading.Event()

    def write(submissions: Sequence[Submission]) -> list[Outcome]:
        may_write.wait()
        return committed(submissions)

    async with running_committer(write) as committer:
        with pytest.raises(NotConfirmed):
            await UnaryEvents(committer, never_present).record(heartbeat(0), deadline_seconds=0.001)
        # It is still to be written, although nobody waits for that.
        assert committer.oldest_wait_seconds() > 0
        may_write.set()
