"""Identities take turns when a flush is put together (docs/streams.md#limits)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from uuid import uuid4

from tests.unit.tracking.committers import committed, running_committer
from tests.unit.tracking.histories import heartbeat
from tracking_service.ingest.fair_queue import EVENT_WEIGHT, MAX_EVENTS_PER_FLUSH, MAX_USER_EVENTS_PER_FLUSH
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.ingest.stream import HeartbeatStream
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, StreamHold, Submission

Flush = list[tuple[str, int]]


class Storage:
    """The first flush waits, so that a queue forms."""

    def __init__(self) -> None:
        self.flushes: list[Flush] = []
        self._may_write = threading.Event()

    def write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        self.flushes.append([(submission.owner, len(submission)) for submission in submissions])
        self._may_write.wait()
        return committed(submissions)

    async def is_busy(self, committer: GroupCommitter) -> None:
        committer.enqueue(part("first", 1))
        while not self.flushes:  # noqa: ASYNC110 - this state has no event
            await asyncio.sleep(0.001)

    def go_on(self) -> None:
        self._may_write.set()


def part(owner: str, events: int) -> Submission:
    return Submission(None, events=[NumberedEvent(UNNUMBERED, heartbeat(0))] * events, caller=owner)


async def test_a_user_who_sends_much_holds_up_no_others() -> None:
    storage = Storage()
    async with running_committer(storage.write) as committer:
        await storage.is_busy(committer)
        flood = [committer.enqueue(part("user:1", MAX_USER_EVENTS_PER_FLUSH)) for _ in range(3)]
        others = [committer.enqueue(part(f"user:{number}", 1)) for number in (2, 3)]
        storage.go_on()
        await asyncio.gather(*(pending.outcome for pending in [*flood, *others]))
    share = ("user:1", MAX_USER_EVENTS_PER_FLUSH)
    assert storage.flushes[1:] == [[share, ("user:2", 1), ("user:3", 1)], [share], [share]]


async def test_relays_take_turns_and_fill_a_flush() -> None:
    storage = Storage()
    async with running_committer(storage.write) as committer:
        await storage.is_busy(committer)
        half = MAX_EVENTS_PER_FLUSH // EVENT_WEIGHT // 2
        busy = [committer.enqueue(part("service:a", half)) for _ in range(3)]
        other = committer.enqueue(part("service:b", half))
        storage.go_on()
        await asyncio.gather(*(pending.outcome for pending in [*busy, other]))
    assert [[owner for owner, _ in flush] for flush in storage.flushes[1:]] == [
        ["service:a", "service:b"],
        ["service:a", "service:a"],
    ]


async def test_a_mark_is_written_when_everything_before_it_is() -> None:
    storage = Storage()
    async with running_committer(storage.write) as committer:
        await storage.is_busy(committer)
        flood = [committer.enqueue(part("user:1", MAX_USER_EVENTS_PER_FLUSH)) for _ in range(2)]
        mark = committer.mark()
        later = committer.enqueue(part("user:2", 1))
        storage.go_on()
        await later.outcome
        assert not mark.outcome.done()
        await mark.outcome
        assert all(pending.outcome.done() for pending in flood)


async def test_the_parts_of_a_users_stream_are_written_in_order() -> None:
    storage = Storage()
    async with running_committer(storage.write) as committer:
        await storage.is_busy(committer)
        stream = HeartbeatStream(committer, StreamHold(uuid4(), 1, owner="user:1"), 0)
        count = 2 * MAX_USER_EVENTS_PER_FLUSH + 1
        for sequence in range(1, count + 1):
            stream.accept(NumberedEvent(sequence, heartbeat(0)))
        storage.go_on()
        await stream.settled()
    assert stream.committed_sequence == count
    share = ("user:1", MAX_USER_EVENTS_PER_FLUSH)
    assert storage.flushes[1:] == [[share], [share], [("user:1", 1)]]
