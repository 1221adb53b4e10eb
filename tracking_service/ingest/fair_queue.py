"""What waits to be written, and who is next (docs/streams.md#limits)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from itertools import chain, count
from uuid import UUID

from servicekit.auth.principal import USER_OWNERS
from servicekit.errors import DomainError
from tracking_service.recording.submission import Outcome, Submission

#: A heartbeat of 5,000 in a flush costs the service 0.6 us, of 20,000 0.4, of 80,000 0.3. The more there are, the
#: longer all of them wait: 14, 28 and 264 ms, measured on a busy machine.
MAX_EVENTS_PER_FLUSH = 20_000
#: An event that is no plain heartbeat counts as so many of them when a flush is filled: it costs so much more.
EVENT_WEIGHT = 4
#: Of one user. Connects and disconnects take up to 0.3 ms each, and all others wait for the flush.
MAX_USER_EVENTS_PER_FLUSH = 50


class PendingWrite:
    """A submission in the queue. Events may be added to it until a flush takes it."""

    __slots__ = ("is_flushing", "is_mark", "is_settled", "outcome", "position", "queued_at", "submission")

    def __init__(self, submission: Submission, position: int, *, is_mark: bool) -> None:
        """`outcome` is done when the submission is settled, or nobody waits for that any more. Positions grow."""
        self.submission = submission
        self.position = position
        self.is_mark = is_mark
        #: By the monotonic clock, in seconds.
        self.queued_at = time.monotonic()
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.is_flushing = False
        #: Whether it is committed, or has failed for good.
        self.is_settled = False

    def settle(self, outcome: Outcome) -> None:
        """Note that it is committed. Who waited for that may have left, or given up."""
        self.is_settled = True
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def fail(self, error: DomainError) -> None:
        """Note that it has failed for good."""
        self.is_settled = True
        if not self.outcome.done():
            self.outcome.set_exception(error)


class FairQueue:
    """Owners take turns, so that one who sends much holds up no others. Each owner's submissions stay in order."""

    def __init__(self) -> None:
        """Start empty."""
        #: The owner whose turn it is comes first. None of the queues is empty.
        self._by_owner: OrderedDict[str, deque[PendingWrite]] = OrderedDict()
        #: Submissions without content: when they are written, everything before them is.
        self._marks: deque[PendingWrite] = deque()
        self._positions = count()

    def __bool__(self) -> bool:
        return bool(self._by_owner or self._marks)

    def __iter__(self) -> Iterator[PendingWrite]:
        yield from chain(*self._by_owner.values(), self._marks)

    def clear(self) -> None:
        """Remove everything."""
        self._by_owner.clear()
        self._marks.clear()

    def add(self, submission: Submission, *, is_mark: bool) -> PendingWrite:
        """Queue a submission, or a mark."""
        pending = PendingWrite(submission, next(self._positions), is_mark=is_mark)
        waiting = self._marks if is_mark else self._by_owner.setdefault(submission.owner, deque())
        waiting.append(pending)
        return pending

    def take(self) -> list[PendingWrite]:
        """Remove and return the next flush: of each stream one part at most, and of a user no more than their share."""
        flush: list[PendingWrite] = []
        done: OrderedDict[str, deque[PendingWrite]] = OrderedDict()
        streams: set[UUID] = set()
        taken: Counter[str] = Counter()
        total = 0
        while self._by_owner and total < MAX_EVENTS_PER_FLUSH:
            owner, waiting = self._by_owner.popitem(last=False)
            submission = waiting[0].submission
            stream_id = None if submission.stream is None else submission.stream.stream_id
            if stream_id in streams or (taken[owner] >= MAX_USER_EVENTS_PER_FLUSH and owner.startswith(USER_OWNERS)):
                done[owner] = waiting
                continue
            if stream_id is not None:
                streams.add(stream_id)
            taken[owner] += len(submission)
            total += len(submission) + (EVENT_WEIGHT - 1) * len(submission.events)
            flush.append(waiting.popleft())
            if waiting:
                self._by_owner[owner] = waiting
        self._by_owner.update(done)
        return [*flush, *self._reached_marks()]

    def _reached_marks(self) -> Iterator[PendingWrite]:
        if not self._marks:
            return
        first = min((waiting[0].position for waiting in self._by_owner.values()), default=None)
        while self._marks and (first is None or self._marks[0].position < first):
            yield self._marks.popleft()
