"""The relay as its users see it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import grpc

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.bearer import Bearer, Token
from heartbeat_relay.call import Endpoint
from heartbeat_relay.delivery import Delivery
from heartbeat_relay.errors import EventsUnacknowledged, RelayFailed
from heartbeat_relay.events import NO_REASON, Occurrence, Reason, UserType, gap_of, nanoseconds, reason_of, role_of
from heartbeat_relay.receipts import OnAnswered
from heartbeat_relay.statistics import Statistics
from heartbeat_relay.stream import OnRejection

_log = logging.getLogger("heartbeat_relay")

#: Some 30 MiB: 10,000 participants with a heartbeat each 15 s ride out an outage of 12 minutes.
CAPACITY = 500_000
#: A restart of the service takes less.
FLUSH_SECONDS = 10.0
#: As long as the service gathers for one flush. A frame costs some 50 us here and there, an event 1 us.
LINGER_SECONDS = 0.010
#: The documented rhythm, until the service has said its own.
HEARTBEAT_INTERVAL = timedelta(seconds=15)
PRESENCE_TIMEOUT = timedelta(seconds=75)


class HeartbeatRelay:
    """Takes events at once and delivers them in the background, in the order of each whiteboard session.

    To be used in one event loop and its thread, as `async with`, once. Leaving the block waits until everything is
    acknowledged, for a bounded time: EventsUnacknowledged if that does not suffice, RelayFailed if no retry can heal
    what the service answered. Where the block itself raises, its own exception goes on instead.
    """

    def __init__(
        self,
        target: str,
        token: Token,
        *,
        streams: int = 1,
        capacity: int = CAPACITY,
        flush_seconds: float = FLUSH_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
        on_rejection: OnRejection | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Nothing connects before the block is entered. ValueError if there is no stream or no room.

        `target` is a gRPC target such as `host:port`; `token` a bearer token with the role `service`, or what makes
        one; `capacity` how many events may be unacknowledged; `linger_seconds` how long an event waits for others, with
        which it is sent; `on_rejection` is told of every event that the service
        refuses; `credentials` are those of TLS, None is without.
        """
        self._delivery = Delivery(
            Endpoint(target=target, credentials=credentials),
            Bearer(token),
            streams=streams,
            capacity=capacity,
            linger_seconds=linger_seconds,
            on_rejection=on_rejection,
        )
        self._flush_seconds = flush_seconds

    async def __aenter__(self) -> Self:
        self._delivery.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._delivery.close()
        try:
            with suppress(TimeoutError, RelayFailed):
                await asyncio.wait_for(self.flushed(), self._flush_seconds)
        finally:
            await self._delivery.stop()
        self._tell_loss(is_raising=error is None)

    def connect(
        self,
        *,
        session_id: int,
        user_id: int,
        user_type: UserType,
        connection_id: str = "",
        at: datetime | None = None,
        on_answered: OnAnswered | None = None,
    ) -> None:
        """Record that a connection opened.

        `session_id` is whiteboard_sessions.id, `user_id` users.id, `connection_id` names the tab or device (up to 64
        characters), `at` is when it happened (None: now). `on_answered` is called once, when the service has answered
        for the event: it is committed, or `on_rejection` was told before. RelayFull, RelayClosed, RelayFailed;
        ValueError or TypeError for what can't be sent.
        """
        role, moment = role_of(user_type), nanoseconds(at)
        self._delivery.record(
            Occurrence(tracking.connect, session_id, role, user_id, moment, connection_id, "", NO_REASON), on_answered
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
        on_answered: OnAnswered | None = None,
    ) -> None:
        """Record a sign of life; `activity_type` is a plain heartbeat when empty, else a word: `draw`, `type`, `erase`.

        The rest is as in `connect`.
        """
        role, moment = role_of(user_type), nanoseconds(at)
        self._delivery.record(
            Occurrence(tracking.heartbeat, session_id, role, user_id, moment, connection_id, activity_type, NO_REASON),
            on_answered,
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
        """Record that a connection closed; `timed_out` where that is merely concluded from silence.

        The rest is as in `connect`.
        """
        role, moment = role_of(user_type), nanoseconds(at)
        self._delivery.record(
            Occurrence(tracking.disconnect, session_id, role, user_id, moment, connection_id, "", reason_of(reason))
        )

    def observation_gap(self, started_at: datetime, ended_at: datetime, *, session_ids: Collection[int] = ()) -> None:
        """Say that the participants could not be seen from `started_at` to `ended_at` (both with a time zone).

        `session_ids` are the whiteboard sessions concerned, up to 1000; none: all those of this relay. Events that the
        relay refuses with RelayFull it tells so by itself. RelayClosed, RelayFailed; ValueError or TypeError.
        """
        self._delivery.record_gap(gap_of(nanoseconds(started_at), nanoseconds(ended_at), session_ids))

    async def room(self) -> None:
        """Wait until an event can be taken; RelayFailed."""
        await self._delivery.room()

    async def flushed(self) -> None:
        """Wait until all events so far are acknowledged; RelayFailed."""
        await self._delivery.flushed()

    async def opened(self) -> None:
        """Wait until the service has been reached, so that the rhythm below is the one it dictates; RelayFailed."""
        await self._delivery.until(lambda: self._delivery.opened is not None)

    async def failed(self) -> None:
        """Wait, for ever as a rule, until the relay has stopped for good; RelayFailed then."""
        await self._delivery.until(lambda: False)

    @property
    def stalled_for(self) -> timedelta:
        """For how long events have been kept of which the service answered for none: it, or its storage, is away."""
        return timedelta(seconds=self._delivery.stalled_seconds)

    @property
    def heartbeat_interval(self) -> timedelta:
        """How often each participant is to give a sign of life; the documented interval before `opened`."""
        opened = self._delivery.opened
        return opened.heartbeat_interval.ToTimedelta() if opened else HEARTBEAT_INTERVAL

    @property
    def presence_timeout(self) -> timedelta:
        """The longest silence inside a presence interval; the documented one before `opened`."""
        opened = self._delivery.opened
        return opened.presence_timeout.ToTimedelta() if opened else PRESENCE_TIMEOUT

    @property
    def statistics(self) -> Statistics:
        """What was done so far."""
        streams = self._delivery.streams
        return Statistics(
            sent=sum(stream.sent for stream in streams),
            acknowledged=sum(stream.outbox.answered for stream in streams),
            rejected=sum(stream.rejected for stream in streams),
            unacknowledged=self._delivery.unanswered,
            reconnects=sum(max(stream.openings - 1, 0) for stream in streams),
        )

    def unacknowledged(self) -> Iterator[tracking.PresenceEvent]:
        """Yield the events that are kept, each session's in order; after the block: those whose fate is not known."""
        for stream in self._delivery.streams:
            yield from stream.outbox.unacknowledged()

    def _tell_loss(self, *, is_raising: bool) -> None:
        count = self._delivery.unanswered
        if not is_raising:
            if count:
                _log.warning("left with %d events unacknowledged", count)
            return
        if self._delivery.failure is not None:
            raise self._delivery.failure
        if count:
            raise EventsUnacknowledged(count)
