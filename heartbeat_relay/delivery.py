"""All streams of a relay together: which one an event takes, how much is kept, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.bearer import Bearer
from heartbeat_relay.call import Endpoint
from heartbeat_relay.change import Change
from heartbeat_relay.errors import RelayClosed, RelayError, RelayFailed, RelayFull
from heartbeat_relay.events import Occurrence, gap_of
from heartbeat_relay.receipts import OnAnswered
from heartbeat_relay.refusals import Refusals
from heartbeat_relay.stream import Listener, OnRejection, Refused, ResumingStream

_log = logging.getLogger("heartbeat_relay")

#: Refused events are told once so much of the capacity is free again, so that a relay that is full again and again
#: tells few gaps.
ROOM_SHARE = 4
#: Time for the service to end the streams after everything is acknowledged.
FAREWELL_SECONDS = 1.0


class Delivery:
    """Takes occurrences while it runs."""

    def __init__(
        self,
        endpoint: Endpoint,
        bearer: Bearer,
        *,
        streams: int,
        capacity: int,
        linger_seconds: float,
        on_rejection: OnRejection | None,
    ) -> None:
        """Nothing runs yet. ValueError if there is no stream or no room."""
        if streams < 1 or capacity < 1:
            raise ValueError("a relay needs at least one stream and room for at least one event")
        listener = Listener(opened=self._opened, answered=self._answered, rejected=self._rejected)
        self.streams = [
            ResumingStream(endpoint, bearer, listener, linger_seconds=linger_seconds) for _ in range(streams)
        ]
        self._free = capacity
        self._enough_room = max(capacity // ROOM_SHARE, 1)
        self._refusals = Refusals()
        self._on_rejection = on_rejection
        self._change = Change()
        self._tasks: list[asyncio.Task[None]] = []
        #: Why no event is taken now; looked at for each of them.
        self._refusal: RelayError | None = RelayClosed("use the relay inside its `async with` block")
        self.failure: RelayFailed | None = None
        #: What the service said when a stream was last opened.
        self.opened: tracking.StreamOpened | None = None

    @property
    def unanswered(self) -> int:
        """How many events are kept."""
        return sum(stream.outbox.unanswered for stream in self.streams)

    @property
    def stalled_seconds(self) -> float:
        """For how long the slowest stream has kept events of which none was answered for."""
        return max(stream.stalled_seconds for stream in self.streams)

    def record(self, occurrence: Occurrence, on_answered: OnAnswered | None = None) -> None:
        """Keep an event and see to it that it is delivered; RelayFull, RelayClosed, RelayFailed."""
        if self._refusal is not None:
            raise self._refusal
        if self._free <= 0:
            self._refusals.note(occurrence.nanoseconds)
            raise RelayFull
        # All of a session over one stream: its order holds, and its rows are written by one replica at a time.
        stream = self.streams[occurrence.session_id % len(self.streams)]
        if stream.outbox.add(occurrence):
            stream.wake()
        self._free -= 1
        if on_answered is not None:
            stream.receipts.expect(stream.outbox.answered + stream.outbox.unanswered, on_answered)

    def record_gap(self, gap: tracking.ObservationGap) -> None:
        """Keep a gap, whatever room there is, and see to it that it is delivered; RelayClosed, RelayFailed."""
        if self._refusal is not None:
            raise self._refusal
        # The sessions it names, any stream can tell of; all sessions of a stream, only that one.
        for stream in self.streams[:1] if gap.session_ids else self.streams:
            stream.outbox.add_gap(gap)
            stream.wake()
            self._free -= 1

    def start(self) -> None:
        """Connect and take events; RelayClosed if that was done before."""
        if self._tasks:
            raise RelayClosed("a relay is used once; make a new one")
        self._refusal = None
        for stream in self.streams:
            task = asyncio.create_task(stream.run())
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def close(self) -> None:
        """Take no more events; those that are kept go on being delivered."""
        if self._refusal is None:
            self._tell_refusals()
        self._refusal = self._refusal or RelayClosed("the relay's `async with` block has ended")

    async def stop(self) -> None:
        """Say goodbye where everything is acknowledged, and end the streams."""
        for stream in self.streams:
            stream.finish()
        if not self.unanswered:
            await asyncio.wait(self._tasks, timeout=FAREWELL_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition of this delivery holds; RelayFailed."""
        while not condition():
            if self.failure is not None:
                raise self.failure
            await self._change.wait()

    async def room(self) -> None:
        """Wait until there is room for an event; RelayFailed."""
        await self.until(lambda: self._free > 0)

    async def flushed(self) -> None:
        """Wait until everything that is kept now is answered for; RelayFailed."""
        goals = [(stream.outbox, stream.outbox.answered + stream.outbox.unanswered) for stream in self.streams]
        await self.until(lambda: all(outbox.answered >= goal for outbox, goal in goals))

    def _opened(self, opened: tracking.StreamOpened) -> None:
        self.opened = opened
        self._change.tell()

    def _answered(self, count: int, told: Iterable[OnAnswered]) -> None:
        self._free += count
        for tell in told:
            _call(tell, "on_answered")
        if self._free >= self._enough_room and self._refusal is None:
            self._tell_refusals()
        self._change.tell()

    def _tell_refusals(self) -> None:
        blindness = self._refusals.take()
        if blindness is not None:
            _log.warning("events were refused for want of room; telling the service so")
            self.record_gap(gap_of(*blindness))

    def _rejected(self, refused: list[Refused]) -> None:
        if self._on_rejection is None:
            reasons = Counter(rejection.reason for _, rejection in refused)
            _log.warning("events were refused: %s", dict(reasons))
            return
        for entry, rejection in refused:
            if isinstance(entry, tracking.ObservationGap):
                _log.warning("an observation gap was refused: %s %s", rejection.reason, rejection.message)
            else:
                _call(partial(self._on_rejection, entry, rejection.reason, rejection.message), "on_rejection")

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None or self.failure is not None:
            return
        if isinstance(error, RelayFailed):
            self.failure = error
        else:
            self.failure = RelayFailed("the relay itself failed; this is a fault in it", code="INTERNAL", reason="")
            self.failure.__cause__ = error
        _log.error("the relay has stopped: %s", self.failure)
        self._refusal = self.failure
        for other in self._tasks:
            other.cancel()
        self._change.tell()


def _call(callback: Callable[[], None], name: str) -> None:
    try:
        callback()
    except Exception:  # noqa: BLE001 - the user's code; it must not stop other events
        _log.exception("%s failed", name)
