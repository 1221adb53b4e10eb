"""All streams of a relay: which stream an event takes, how many events are kept, and what is reported about them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.call import BearerToken, Endpoint
from heartbeat_relay.errors import RelayClosed, RelayError, RelayFailed, RelayFull
from heartbeat_relay.events import Event, observation_gap
from heartbeat_relay.outbox import OnAcknowledged
from heartbeat_relay.stream import OnRejection, Rejected, ResumingStream, StreamCallbacks

_log = logging.getLogger("heartbeat_relay")

#: The documented values, until the service has sent its own.
HEARTBEAT_INTERVAL = timedelta(seconds=15)
PRESENCE_TIMEOUT = timedelta(seconds=75)
#: A relay that was full reports the lost span once this fraction of the capacity (1/4) is free again, so that one that
#: is full again and again reports few gaps.
FREE_SHARE_BEFORE_REPORT = 4
#: For the service to end the streams after everything is acknowledged.
STREAM_END_TIMEOUT_SECONDS = 1.0


class Notifier:
    """Wakes all tasks that wait for the next change."""

    def __init__(self) -> None:
        """Start with no change."""
        self._next = asyncio.Event()

    def notify(self) -> None:
        """Wake all tasks that wait now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self) -> None:
        """Return at the next change."""
        await self._next.wait()


class LostSpan(NamedTuple):
    """The time in which events were lost because the relay was full, in nanoseconds since the Unix epoch.

    It is reported as an observation gap (docs/presence.md#observation-gaps).
    """

    started_at: int
    ended_at: int

    def including(self, at: int) -> LostSpan:
        """Return the span from the earliest to the latest event, with one more."""
        return LostSpan(min(self.started_at, at), max(self.ended_at, at))


class StreamPool:
    """Takes events between `start` and `close`, and delivers them until `stop`."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: BearerToken,
        *,
        streams: int,
        capacity: int,
        linger_seconds: float,
        live: bool,
        on_rejection: OnRejection | None,
    ) -> None:
        """Nothing connects yet. ValueError if there is no stream or no capacity."""
        if streams < 1 or capacity < 1:
            raise ValueError("a relay needs at least one stream and a capacity of at least one event")
        callbacks = StreamCallbacks(
            opened=self._on_opened, acknowledged=self._on_acknowledged, rejected=self._on_rejected
        )
        self.streams = [
            ResumingStream(
                endpoint,
                token,
                callbacks,
                linger_seconds=linger_seconds,
                observing_seconds=self._observing_seconds,
            )
            for _ in range(streams)
        ]
        self._is_live = live
        self._started_at = 0.0
        self._free = capacity
        self._free_before_report = max(capacity // FREE_SHARE_BEFORE_REPORT, 1)
        self._lost_span: LostSpan | None = None
        self._on_rejection = on_rejection
        self._changes = Notifier()
        self._tasks: list[asyncio.Task[None]] = []
        #: Raised for each event while none can be taken.
        self._closed: RelayError | None = RelayClosed("use the relay inside its `async with` block")
        self.failure: RelayFailed | None = None
        #: Whether a stream has been opened: then the two times are the service's. Each sign of life reads them.
        self.is_opened = False
        self.heartbeat_interval = HEARTBEAT_INTERVAL
        self.presence_timeout = PRESENCE_TIMEOUT

    @property
    def unacknowledged_count(self) -> int:
        """How many events and gaps are kept."""
        return sum(stream.outbox.unacknowledged_count for stream in self.streams)

    @property
    def stalled_seconds(self) -> float:
        """For how long the slowest stream has kept events without any acknowledgement."""
        return max(stream.stalled_seconds for stream in self.streams)

    def record(self, event: Event, on_acknowledged: OnAcknowledged | None = None) -> None:
        """Keep an event until it is delivered; RelayFull, RelayClosed, RelayFailed."""
        if self._closed is not None:
            raise self._closed
        if self._free <= 0:
            at = event.nanoseconds
            self._lost_span = (self._lost_span or LostSpan(at, at)).including(at)
            raise RelayFull
        # One stream carries all events of a session: their order is kept, and one replica at a time writes its rows.
        stream = self.streams[event.session_id % len(self.streams)]
        if stream.outbox.add(event):
            stream.notify()
        self._free -= 1
        if on_acknowledged is not None:
            position = stream.outbox.acknowledged_count + stream.outbox.unacknowledged_count
            stream.ack_callbacks.add(position, on_acknowledged)

    def record_gap(self, gap: tracking.ObservationGap) -> None:
        """Keep a gap until it is delivered, even if the relay is full; RelayClosed, RelayFailed."""
        if self._closed is not None:
            raise self._closed
        # A gap with session ids can go over any stream. One without concerns the sessions of the stream it comes over.
        for stream in self.streams[:1] if gap.session_ids else self.streams:
            stream.outbox.add_gap(gap)
            stream.notify()
            self._free -= 1

    def start(self) -> None:
        """Connect and take events; RelayClosed if it was started before."""
        if self._tasks:
            raise RelayClosed("a relay can be used once; make a new one")
        self._closed = None
        self._started_at = _since_boot()
        for stream in self.streams:
            task = asyncio.create_task(stream.run())
            task.add_done_callback(self._on_task_done)
            self._tasks.append(task)

    def close(self) -> None:
        """Take no more events; those that are kept are still delivered."""
        if self._closed is None:
            self._report_lost_span()
        self._closed = self._closed or RelayClosed("the relay's `async with` block has ended")

    async def stop(self) -> None:
        """End the streams, in an orderly way if everything is acknowledged."""
        for stream in self.streams:
            stream.finish()
        if not self.unacknowledged_count:
            await asyncio.wait(self._tasks, timeout=STREAM_END_TIMEOUT_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition on this pool is true; RelayFailed."""
        while not condition():
            if self.failure is not None:
                raise self.failure
            await self._changes.wait()

    async def wait_for_room(self) -> None:
        """Wait until an event can be taken; RelayFailed."""
        await self.wait_until(lambda: self._free > 0)

    async def wait_until_flushed(self) -> None:
        """Wait until everything that is kept now is acknowledged; RelayFailed."""
        goals = [
            (stream.outbox, stream.outbox.acknowledged_count + stream.outbox.unacknowledged_count)
            for stream in self.streams
        ]
        await self.wait_until(lambda: all(outbox.acknowledged_count >= goal for outbox, goal in goals))

    def _observing_seconds(self) -> float | None:
        return _since_boot() - self._started_at if self._is_live else None

    def _on_opened(self, opened: tracking.StreamOpened) -> None:
        self.is_opened = True
        self.heartbeat_interval = opened.heartbeat_interval.ToTimedelta()
        self.presence_timeout = opened.presence_timeout.ToTimedelta()
        self._changes.notify()

    def _on_acknowledged(self, count: int, callbacks: Iterable[OnAcknowledged]) -> None:
        self._free += count
        for callback in callbacks:
            _call(callback, "on_acknowledged")
        if self._free >= self._free_before_report and self._closed is None:
            self._report_lost_span()
        self._changes.notify()

    def _report_lost_span(self) -> None:
        span, self._lost_span = self._lost_span, None
        if span is not None:
            _log.warning("events were lost because the relay was full; reporting an observation gap")
            self.record_gap(observation_gap(*span))

    def _on_rejected(self, rejected: list[Rejected]) -> None:
        if self._on_rejection is None:
            reasons = Counter(rejection.reason for _, rejection in rejected)
            _log.warning("events were rejected: %s", dict(reasons))
            return
        for entry, rejection in rejected:
            if isinstance(entry, tracking.ObservationGap):
                _log.warning("an observation gap was rejected: %s %s", rejection.reason, rejection.message)
            else:
                _call(partial(self._on_rejection, entry, rejection.reason, rejection.message), "on_rejection")

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None or self.failure is not None:
            return
        if isinstance(error, RelayFailed):
            self.failure = error
        else:
            self.failure = RelayFailed("the relay failed because of a bug in it", code="INTERNAL", reason="")
            self.failure.__cause__ = error
        _log.error("the relay has stopped: %s", self.failure)
        self._closed = self.failure
        for other in self._tasks:
            other.cancel()
        self._changes.notify()


def _since_boot() -> float:
    """Return seconds by a clock that counts the time for which the machine was suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _call(callback: Callable[[], None], name: str) -> None:
    try:
        callback()
    except Exception:  # noqa: BLE001 - the user's code; its failure must not affect other events
        _log.exception("%s failed", name)
