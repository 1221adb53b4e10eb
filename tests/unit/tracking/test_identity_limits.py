"""What one identity may have open and send (docs/streams.md#limits)."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from astegni.tracking.v1 import tracking_pb2 as pb
from servicekit.auth.principal import Principal
from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from servicekit.rate_limit import TokenBucket
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.errors import EventTooOld, RateLimited, TooManyOfOneIdentity
from tracking_service.recording.submission import NumberedEvent, Rejection
from tracking_service.servicer import identity_limits
from tracking_service.servicer.identity_limits import (
    EVENT_BURST_SECONDS,
    EVENT_WEIGHT,
    MAX_KNOWN,
    IdentityLimits,
    Limits,
    content_weight,
    weight,
)

USERS = Limits(streams=2, stream_opens_per_minute=6, watches=3, watch_opens_per_minute=12, events_per_second=10)
SERVICES = Limits(streams=4, stream_opens_per_minute=100, watches=5, watch_opens_per_minute=100, events_per_second=None)
BURST = 10 * EVENT_BURST_SECONDS
#: The identities outgrow what is kept before anything is looked through, twice.
MANY = 4 * MAX_KNOWN


def user(number: int = 1) -> Principal:
    return Principal(
        subject=str(number),
        user_id=UserId(number),
        role="student",
        roles=frozenset({"student"}),
        expires_at=Instant(0),
    )


RELAY = Principal(subject="relay", user_id=None, role="service", roles=frozenset({"service"}), expires_at=Instant(0))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> IdentityLimits:
    return IdentityLimits(USERS, SERVICES, clock=clock)


@pytest.mark.parametrize(("caller", "streams", "watches"), [(user(), 2, 3), (RELAY, 4, 5)], ids=["a user", "a service"])
def test_an_identity_may_have_so_many_open_and_others_have_their_own(
    limits: IdentityLimits, caller: Principal, streams: int, watches: int
) -> None:
    for opened, count in ((limits.stream, streams), (limits.watch, watches)):
        with ExitStack() as held:
            for _ in range(count):
                held.enter_context(opened(caller))
            with pytest.raises(TooManyOfOneIdentity), opened(caller):
                pass
            with opened(user(2)):
                pass
        with opened(caller):
            pass


@pytest.mark.parametrize(("what", "a_minute"), [("stream", 6), ("watch", 12)])
def test_a_user_may_open_so_many_a_minute(limits: IdentityLimits, clock: Clock, what: str, a_minute: int) -> None:
    opened = {"stream": limits.stream, "watch": limits.watch}[what]
    for _ in range(a_minute):
        with opened(user()):
            pass
    with pytest.raises(RateLimited) as refused, opened(user()):
        pass
    assert f"{a_minute} {what}" in refused.value.message
    assert refused.value.retry_after_seconds == pytest.approx(60 / a_minute)
    with opened(user(2)):
        pass
    clock.now += refused.value.retry_after_seconds
    with opened(user()):
        pass


def test_calls_and_streams_of_a_user_count_together(limits: IdentityLimits, clock: Clock) -> None:
    count = limits.events(user())
    assert count is not None
    count(BURST - 1)
    limits.count_events(user())
    with pytest.raises(RateLimited) as refused:
        limits.count_events(user())
    assert refused.value.retry_after_seconds == pytest.approx(0.1)
    limits.count_events(user(2))
    clock.now += 1
    count(10)


def test_a_stream_comes_back_when_a_whole_burst_is_free_again(limits: IdentityLimits, clock: Clock) -> None:
    count = limits.events(user())
    assert count is not None
    count(BURST)
    clock.now += 1
    with pytest.raises(RateLimited) as refused:
        count(BURST)
    assert refused.value.retry_after_seconds == pytest.approx(EVENT_BURST_SECONDS - 1)
    # What is refused takes nothing.
    count(10)


@pytest.mark.parametrize("activity_type", ["", "heartbeat"])
def test_a_plain_heartbeat_counts_once(activity_type: str) -> None:
    assert weight(pb.HeartbeatRequest(activity_type=activity_type)) == 1
    assert content_weight(NumberedEvent(1, _event(EventKind.HEARTBEAT, activity_type or "heartbeat"))) == 1


def test_heartbeats_that_are_read_together_count_one_by_one() -> None:
    heartbeats = NumberedHeartbeats()
    heartbeats.add_rows(1, [1, 2, 3], [Instant(0)] * 3, [""] * 3)
    assert content_weight(heartbeats) == 3


@pytest.mark.parametrize(
    "request_", [pb.ConnectRequest(), pb.DisconnectRequest(), pb.HeartbeatRequest(activity_type="draw")]
)
def test_calls_that_are_more_than_heartbeats_weigh_more(
    request_: pb.ConnectRequest | pb.DisconnectRequest | pb.HeartbeatRequest,
) -> None:
    assert weight(request_) == EVENT_WEIGHT


def test_parts_of_a_frame_that_are_more_than_heartbeats_weigh_more() -> None:
    contents: list[NumberedEvent | Rejection] = [
        NumberedEvent(1, _event(EventKind.CONNECT)),
        NumberedEvent(2, _event(EventKind.DISCONNECT)),
        NumberedEvent(3, _event(EventKind.HEARTBEAT, "draw")),
        Rejection(4, EventTooOld()),
    ]
    assert [content_weight(content) for content in contents] == [EVENT_WEIGHT] * len(contents)


def _event(kind: EventKind, activity_type: str = "heartbeat") -> PresenceEvent:
    student = Participant(WhiteboardSessionId(1), UserId(1), UserType.STUDENT)
    return PresenceEvent(student, kind, Instant(0), activity_type=activity_type)


@pytest.mark.parametrize(("caller", "at_once"), [(user(), 1), (RELAY, 3)], ids=["a user", "a service"])
async def test_queries_of_one_user_run_one_after_the_other(
    limits: IdentityLimits, caller: Principal, at_once: int
) -> None:
    running, most = 0, 0

    async def query() -> None:
        nonlocal running, most
        async with limits.turn(caller):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(query() for _ in range(3)))
    assert most == at_once


async def test_a_query_does_not_wait_for_those_of_others(limits: IdentityLimits) -> None:
    async with limits.turn(user(1)), limits.turn(user(2)):
        pass


def test_events_of_services_have_no_limit(limits: IdentityLimits) -> None:
    assert limits.events(RELAY) is None
    limits.count_events(RELAY, 1_000_000)


def test_identities_that_do_nothing_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_limits, "MAX_KNOWN", 2)
    limits = IdentityLimits(USERS, SERVICES, clock=clock)
    with limits.stream(user(1)):
        limits.count_events(user(2), BURST)
        limits.count_events(user(3))
        with pytest.raises(RateLimited):
            limits.count_events(user(2))
        clock.now += 3600
        limits.count_events(user(4))
        with limits.stream(user(1)), pytest.raises(TooManyOfOneIdentity), limits.stream(user(1)):
            pass


def test_a_batch_larger_than_the_burst_is_taken_when_the_bucket_is_full() -> None:
    bucket = TokenBucket(rate=1, burst=10, now=0)
    assert bucket.take(15, now=0) == 0
    assert bucket.take(1, now=0) == 6


def test_many_active_identities_are_looked_through_rarely(
    limits: IdentityLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    is_idle = identity_limits._Identity.is_idle  # noqa: SLF001 - what is looked at has no other sign

    def counted(identity: identity_limits._Identity, now: float) -> bool:
        nonlocal looks
        looks += 1
        return is_idle(identity, now)

    monkeypatch.setattr(identity_limits._Identity, "is_idle", counted)  # noqa: SLF001
    for number in range(1, MANY + 1):
        limits.count_events(user(number))
    assert looks < 2 * MANY
