"""What one identity may have open and send (docs/streams.md#limits)."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from servicekit.auth.principal import Principal
from servicekit.clock import Instant
from servicekit.identifiers import UserId
from servicekit.rate_limit import TokenBucket
from tracking_service.errors import RateLimited, TooManyOfOneIdentity
from tracking_service.servicer import identity_limits
from tracking_service.servicer.identity_limits import EVENT_BURST_SECONDS, MAX_KNOWN, IdentityLimits, Limits

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
