"""What one identity may have open and send in this process, so that it holds up no others (docs/streams.md#limits)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import Principal
from servicekit.rate_limit import TokenBucket
from tracking_service.domain.events import PLAIN_ACTIVITY
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.errors import RateLimited, TooManyOfOneIdentity
from tracking_service.ingest.stream import Numbered
from tracking_service.recording.submission import NumberedEvent
from tracking_service.settings import TrackingSettings
from tracking_service.wire.event_reader import UnaryRequest

SECONDS_PER_MINUTE = 60
#: A user may send so many seconds' worth of events at once: what a page kept while its network was down for an hour.
#: All others wait while it is written, so it is not more.
EVENT_BURST_SECONDS = 10
#: Whatever is no plain heartbeat counts as so many: a connect, a disconnect, activity, or what is rejected. To make
#: facts of it costs more than twenty times as much. Nobody connects or reports activity twenty times a second for long.
EVENT_WEIGHT = 10
#: When so many identities are known, those are forgotten that have nothing open and did nothing lately.
MAX_KNOWN = 10_000
#: The names of the limits in `limits_hit_total`.
STREAMS_LIMIT = "streams_of_identity"
STREAM_OPENS_LIMIT = "stream_opens_of_identity"
WATCHES_LIMIT = "watches_of_identity"
WATCH_OPENS_LIMIT = "watch_opens_of_identity"
EVENTS_LIMIT = "events_of_identity"
LIMITS = (STREAMS_LIMIT, STREAM_OPENS_LIMIT, WATCHES_LIMIT, WATCH_OPENS_LIMIT, EVENTS_LIMIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Of one identity in one process."""

    streams: int
    stream_opens_per_minute: int
    watches: int
    watch_opens_per_minute: int
    #: None: no limit but backpressure.
    events_per_second: int | None


class _Identity:
    """What one identity has open, and what it may still do."""

    __slots__ = ("events", "limits", "stream_opens", "streams", "turns", "watch_opens", "watches")

    def __init__(self, limits: Limits, now: float) -> None:
        self.limits = limits
        self.streams = 0
        self.watches = 0
        self.turns = asyncio.Lock()
        self.stream_opens = _a_minute(limits.stream_opens_per_minute, now)
        self.watch_opens = _a_minute(limits.watch_opens_per_minute, now)
        rate = limits.events_per_second
        self.events = None if rate is None else TokenBucket(rate=rate, burst=rate * EVENT_BURST_SECONDS, now=now)

    def is_idle(self, now: float) -> bool:
        has_sent = self.events is not None and not self.events.is_full(now)
        opened = not (self.stream_opens.is_full(now) and self.watch_opens.is_full(now))
        return not (self.streams or self.watches or self.turns.locked() or has_sent or opened)


def _a_minute(count: int, now: float) -> TokenBucket:
    """Return a bucket of so many a minute, which may also come at once."""
    return TokenBucket(rate=count / SECONDS_PER_MINUTE, burst=count, now=now)


def weight(request: UnaryRequest) -> int:
    """Return as how many heartbeats a call counts."""
    is_plain = isinstance(request, tracking_pb2.HeartbeatRequest) and request.activity_type in PLAIN_ACTIVITY
    return 1 if is_plain else EVENT_WEIGHT


def content_weight(content: NumberedHeartbeats | Numbered) -> int:
    """Return as how many heartbeats a part of a frame counts."""
    if isinstance(content, NumberedHeartbeats):
        return len(content)
    is_plain = isinstance(content, NumberedEvent) and content.event.is_plain_heartbeat
    return 1 if is_plain else EVENT_WEIGHT


class IdentityLimits:
    """Counts by identity. Users and services have limits of their own."""

    def __init__(self, users: Limits, services: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds and is never set."""
        self._users = users
        self._services = services
        self._clock = clock
        self._known: dict[str, _Identity] = {}
        self._forget_at = MAX_KNOWN

    @contextmanager
    def stream(self, principal: Principal) -> Iterator[None]:
        """Count a stream as open for the length of the block; RateLimited, TooManyOfOneIdentity."""
        identity = self._identity(principal)
        if identity.streams >= identity.limits.streams:
            raise TooManyOfOneIdentity(
                f"one identity may have {identity.limits.streams} streams open here", limit=STREAMS_LIMIT
            )
        opens, limits = identity.stream_opens, identity.limits
        self._count_opening(opens, f"{limits.stream_opens_per_minute} streams", STREAM_OPENS_LIMIT)
        identity.streams += 1
        try:
            yield
        finally:
            identity.streams -= 1

    @contextmanager
    def watch(self, principal: Principal) -> Iterator[None]:
        """Count a watch as open for the length of the block; RateLimited, TooManyOfOneIdentity."""
        identity = self._identity(principal)
        if identity.watches >= identity.limits.watches:
            raise TooManyOfOneIdentity(
                f"one identity may have {identity.limits.watches} watches open here", limit=WATCHES_LIMIT
            )
        opens, limits = identity.watch_opens, identity.limits
        self._count_opening(opens, f"{limits.watch_opens_per_minute} watches", WATCH_OPENS_LIMIT)
        identity.watches += 1
        try:
            yield
        finally:
            identity.watches -= 1

    @asynccontextmanager
    async def turn(self, principal: Principal) -> AsyncIterator[None]:
        """Wait until no other query of the same user runs, for the length of the block. Services do not wait.

        A query takes one of a few threads, and the interpreter from whoever waits for an answer.
        """
        if principal.is_service:
            yield
            return
        async with self._identity(principal).turns:
            yield

    def events(self, principal: Principal) -> Callable[[int], None] | None:
        """Return what counts events of a stream and raises RateLimited; None if the identity has no limit.

        A stream is to come back when a whole burst is free again: to open it for a few events would cost more than
        they do.
        """
        events = self._identity(principal).events
        if events is None:
            return None

        def count(events_weight: int) -> None:
            if events.take(events_weight, self._clock()):
                raise self._too_many_events(principal, events.seconds_until_full(self._clock()))

        return count

    def count_events(self, principal: Principal, count: int = 1) -> None:
        """Count events that an identity sends by calls; RateLimited."""
        identity = self._identity(principal)
        if identity.events is None:
            return
        wait_seconds = identity.events.take(count, self._clock())
        if wait_seconds:
            raise self._too_many_events(principal, wait_seconds)

    def _too_many_events(self, principal: Principal, wait_seconds: float) -> RateLimited:
        rate = self._identity(principal).limits.events_per_second
        return RateLimited(
            f"one identity may send {rate} plain heartbeats a second here; other events count as {EVENT_WEIGHT} each",
            limit=EVENTS_LIMIT,
            retry_after_seconds=wait_seconds,
        )

    def _count_opening(self, opens: TokenBucket, what: str, limit: str) -> None:
        wait_seconds = opens.take(1, self._clock())
        if wait_seconds:
            raise RateLimited(
                f"one identity may open {what} a minute here", limit=limit, retry_after_seconds=wait_seconds
            )

    def _identity(self, principal: Principal) -> _Identity:
        known = self._known.get(principal.owner_key)
        if known is not None:
            return known
        now = self._clock()
        if len(self._known) >= self._forget_at:
            self._known = {key: one for key, one in self._known.items() if not one.is_idle(now)}
            # If most are active, looking through all of them must stay rare.
            self._forget_at = max(MAX_KNOWN, 2 * len(self._known))
        limits = self._services if principal.is_service else self._users
        return self._known.setdefault(principal.owner_key, _Identity(limits, now))


def configured_limits(settings: TrackingSettings) -> IdentityLimits:
    """Return the limits per identity."""
    return IdentityLimits(
        Limits(
            streams=settings.max_streams_per_user,
            stream_opens_per_minute=settings.max_stream_opens_per_minute_per_user,
            watches=settings.max_watches_per_user,
            watch_opens_per_minute=settings.max_watch_opens_per_minute_per_user,
            events_per_second=settings.max_events_per_second_per_user,
        ),
        Limits(
            streams=settings.max_streams_per_service,
            stream_opens_per_minute=settings.max_stream_opens_per_minute_per_service,
            watches=settings.max_watches_per_service,
            watch_opens_per_minute=settings.max_watch_opens_per_minute_per_service,
            events_per_second=None,
        ),
    )
