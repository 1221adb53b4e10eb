"""The public interface of the package."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.call import BearerToken, Credentials, Endpoint, Token
from heartbeat_relay.errors import EventsUnacknowledged, RelayError, RelayFailed
from heartbeat_relay.events import (
    MAX_SESSIONS_PER_GAP,
    NO_REASON,
    Event,
    Reason,
    UserType,
    observation_gap,
    reason_value,
    to_datetime,
    to_nanoseconds,
    user_type_value,
)
from heartbeat_relay.outbox import NANOSECONDS_PER_SECOND, OnAcknowledged
from heartbeat_relay.pool import StreamPool
from heartbeat_relay.standstill import StandstillWatch
from heartbeat_relay.stream import OnRejection

_log = logging.getLogger("heartbeat_relay")

#: About 30 MiB: enough for 10,000 participants with a heartbeat every 15 s during an outage of 12 minutes.
CAPACITY = 500_000
#: A restart of the service takes less.
FLUSH_TIMEOUT_SECONDS = 10.0
#: Nobody notices that an acknowledgement comes so much later. A frame costs 50 us on each side, and often three times
#: that in the service, an event 1 us.
LINGER_SECONDS = 0.050


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """Counts since the relay was made. An observation gap counts as an event."""

    #: Events written to the wire; those that were sent again count again.
    sent: int
    #: Events that the service has acknowledged: committed or rejected.
    acknowledged: int
    #: How many of the acknowledged ones were rejected.
    rejected: int
    #: Events that are kept, sent or not.
    unacknowledged: int
    #: How often a stream was opened again after it had been open.
    reconnects: int


class HeartbeatRelay:
    """Takes events at once and delivers them in the background, in order within each whiteboard session.

    Use it in one event loop and its thread, in one `async with` block. At its end, the block waits for a limited time
    until everything is acknowledged.

    Raises at the end of the block, unless the block itself raises:
        EventsUnacknowledged: the time did not suffice.
        RelayFailed: the service returned an error that no retry can heal.
    """

    def __init__(
        self,
        target: str,
        token: Token,
        *,
        streams: int = 1,
        capacity: int = CAPACITY,
        flush_seconds: float = FLUSH_TIMEOUT_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
        live: bool = False,
        on_rejection: OnRejection | None = None,
        observed_sessions: Callable[[], Iterable[int]] | None = None,
        credentials: Credentials = None,
    ) -> None:
        """Nothing connects before the block is entered. ValueError if there is no stream or no capacity.

        `target` is a gRPC target such as `host:port`. `token` is a bearer token with the role `service`, or a function
        that returns one. `streams` is the number of connections. `capacity` is how many events may be unacknowledged.
        `flush_seconds` limits the wait at the end of the block. `linger_seconds` is how long an event waits for others
        that are sent with it. `live` says that this process watches connections itself and records nothing from before
        the block: times in which no live relay of its identity runs are observation gaps. `on_rejection` is called for
        every event that the service rejects. `credentials` are those of TLS, or a function that returns them for each
        connection; None: without TLS. `observed_sessions` returns the whiteboard sessions that this relay observes now;
        if it stood still, the gap that it reports names them, so that it also concerns those whose presence came over
        other relays before.
        """
        self._pool = StreamPool(
            Endpoint(target=target, credentials=credentials),
            BearerToken(token),
            streams=streams,
            capacity=capacity,
            linger_seconds=linger_seconds,
            live=live,
            on_rejection=on_rejection,
        )
        self._flush_seconds = flush_seconds
        self._observed_sessions = observed_sessions
        self._standstill = StandstillWatch(lambda: self.presence_timeout, self._report_standstill)
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pool.start()
        self._watching = asyncio.create_task(self._standstill.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.close()
        if self._watching is not None:
            self._watching.cancel()
        try:
            with suppress(TimeoutError, RelayFailed):
                await asyncio.wait_for(self.flushed(), self._flush_seconds)
        finally:
            await self._pool.stop()
        self._report_loss(may_raise=error is None)

    def connect(
        self,
        *,
        session_id: int,
        user_id: int,
        user_type: UserType,
        connection_id: str = "",
        at: datetime | None = None,
        on_acknowledged: OnAcknowledged | None = None,
    ) -> None:
        """Record that a connection opened.

        `session_id` is whiteboard_sessions.id, `user_id` users.id. `connection_id` identifies the tab or device, in up
        to 64 characters. `at` is when it happened, with a time zone; None: now. `on_acknowledged` is called once, when
        the event is committed, or was rejected and `on_rejection` has been called.

        Raises:
            RelayFull: too many events are unacknowledged.
            RelayClosed: the relay is used outside its block.
            RelayFailed: the relay has stopped.
            ValueError, TypeError: the event can't be sent.
        """
        role, time = user_type_value(user_type), to_nanoseconds(at)
        self._pool.record(
            Event(tracking.connect, session_id, role, user_id, time, connection_id, "", NO_REASON), on_acknowledged
        )

    def heartbeat(
        self,
        *,
        session_id: int,
        user_id: int,
        user_type: UserType,
        activity_type: str = "",
        connection_id: str = "",
        at: datetime | None = None,
        on_acknowledged: OnAcknowledged | None = None,
    ) -> None:
        """Record a sign of life; `activity_type` is empty, or what the user does: `draw`, `type`, `erase`, ...

        Other arguments and errors are those of `connect`.
        """
        role, time = user_type_value(user_type), to_nanoseconds(at)
        self._pool.record(
            Event(tracking.heartbeat, session_id, role, user_id, time, connection_id, activity_type, NO_REASON),
            on_acknowledged,
        )

    def disconnect(
        self,
        *,
        session_id: int,
        user_id: int,
        user_type: UserType,
        reason: Reason = "closed",
        connection_id: str = "",
        at: datetime | None = None,
    ) -> None:
        """Record that a connection ended; the reason is `timed_out` if the client did not close it.

        Other arguments and errors are those of `connect`.
        """
        role, time = user_type_value(user_type), to_nanoseconds(at)
        self._pool.record(
            Event(tracking.disconnect, session_id, role, user_id, time, connection_id, "", reason_value(reason))
        )

    def observation_gap(self, started_at: datetime, ended_at: datetime, *, session_ids: Collection[int] = ()) -> None:
        """Report that participants could not be observed from `started_at` to `ended_at`, both with a time zone.

        `session_ids` are the whiteboard sessions concerned, up to 1000; empty: all sessions of this relay. The relay
        itself reports events that were lost with RelayFull, and times in which this process stood still. Errors are
        those of `connect`, without RelayFull.
        """
        self._pool.record_gap(observation_gap(to_nanoseconds(started_at), to_nanoseconds(ended_at), session_ids))

    def report_blind(self, started_at: datetime, ended_at: datetime) -> None:
        """Report that nothing of this relay's could be observed meanwhile, and name the sessions that it observes now.

        A relay that is closed or has failed reports nothing.
        """
        self._report_blind(to_nanoseconds(started_at), to_nanoseconds(ended_at))

    def arrival_time(self) -> datetime:
        """Return the time to give to a sign of life, or to the end of a connection, that was read just now.

        That is now. Directly after this process stood still it is the time at which that began: what is read then may
        have arrived at any time since.
        """
        return to_datetime(self._standstill.arrival_time())

    async def room(self) -> None:
        """Wait until an event can be taken; RelayFailed."""
        await self._pool.wait_for_room()

    async def flushed(self) -> None:
        """Wait until all events so far are acknowledged; RelayFailed."""
        await self._pool.wait_until_flushed()

    async def opened(self) -> None:
        """Wait until a stream is open, so that the interval and timeout below are the service's; RelayFailed."""
        await self._pool.wait_until(lambda: self._pool.is_opened)

    async def failed(self) -> None:
        """Wait until the relay has failed, and raise RelayFailed; normally that never happens."""
        await self._pool.wait_until(lambda: False)

    @property
    def stalled_for(self) -> timedelta:
        """For how long events have been kept without an acknowledgement: long if the service or its storage is down."""
        return timedelta(seconds=self._pool.stalled_seconds)

    @property
    def heartbeat_interval(self) -> timedelta:
        """How often each participant should send a sign of life; the documented interval before `opened`."""
        return self._pool.heartbeat_interval

    @property
    def presence_timeout(self) -> timedelta:
        """The longest silence inside a presence interval; the documented one before `opened`."""
        return self._pool.presence_timeout

    @property
    def statistics(self) -> Statistics:
        """Return the counts so far."""
        streams = self._pool.streams
        return Statistics(
            sent=sum(stream.sent for stream in streams),
            acknowledged=sum(stream.outbox.acknowledged_count for stream in streams),
            rejected=sum(stream.rejected for stream in streams),
            unacknowledged=self._pool.unacknowledged_count,
            reconnects=sum(max(stream.open_count - 1, 0) for stream in streams),
        )

    def unacknowledged(self) -> Iterator[tracking.PresenceEvent]:
        """Yield the events that are kept, in order within each session; they may or may not be recorded."""
        for stream in self._pool.streams:
            yield from stream.outbox.unacknowledged()

    def _report_standstill(self, started_at: int, ended_at: int) -> None:
        _log.warning(
            "this process stood still; reporting an observation gap",
            extra={"seconds": round((ended_at - started_at) / NANOSECONDS_PER_SECOND, 1)},
        )
        self._report_blind(started_at, ended_at)

    def _report_blind(self, started_at: int, ended_at: int) -> None:
        sessions = sorted(set(self._observed_sessions())) if self._observed_sessions is not None else []
        with suppress(RelayError):
            self._pool.record_gap(observation_gap(started_at, ended_at))
            for first in range(0, len(sessions), MAX_SESSIONS_PER_GAP):
                named = sessions[first : first + MAX_SESSIONS_PER_GAP]
                self._pool.record_gap(observation_gap(started_at, ended_at, named))

    def _report_loss(self, *, may_raise: bool) -> None:
        count = self._pool.unacknowledged_count
        if not may_raise:
            if count:
                _log.warning("stopped with %d events unacknowledged", count)
            return
        if self._pool.failure is not None:
            raise self._pool.failure
        if count:
            raise EventsUnacknowledged(count)
