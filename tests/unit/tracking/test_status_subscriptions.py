"""What one watcher gets next, however slowly it reads."""

from __future__ import annotations

import asyncio

import pytest

from servicekit.auth.principal import Principal
from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tests.unit.tracking.test_status import ABSENT, came, status_at
from tracking_service.domain.status import Status
from tracking_service.errors import Draining, NotYourSession
from tracking_service.queries.status import SessionStatus
from tracking_service.status_subscriptions import StatusSubscription
from tracking_service.store.whiteboard_sessions import Members

STUDENT = UserId(201)
CALLER = Principal(
    subject="201", user_id=STUDENT, role="student", roles=frozenset({"student"}), expires_at=Instant(2**60)
)
CONNECTED = status_at(came(), 1)
#: Repetition times: longer than any test takes, and none.
NEVER, AT_ONCE = 3600.0, 0.0


def state(as_of: int, *, connected: bool, students: tuple[UserId, ...] = (STUDENT,)) -> SessionStatus:
    return SessionStatus(
        session_id=WhiteboardSessionId(5),
        members=Members(UserId(101), students),
        status=Status(as_of=Instant(as_of), tutor=ABSENT, student=CONNECTED if connected else ABSENT),
    )


def subscribe(first: SessionStatus, *, repeat_seconds: float = NEVER) -> StatusSubscription:
    return StatusSubscription(CALLER, first, repeat_seconds=repeat_seconds)


async def test_the_first_state_comes_at_once() -> None:
    first = state(1, connected=False)
    assert await subscribe(first).next() == first


async def test_a_change_comes_as_soon_as_it_is_known() -> None:
    subscription = subscribe(state(1, connected=False))
    await subscription.next()
    waiting = asyncio.create_task(subscription.next())
    changed = state(2, connected=True)
    subscription.offer(changed)
    assert await waiting == changed


async def test_of_several_changes_the_watcher_gets_the_last() -> None:
    subscription = subscribe(state(1, connected=False))
    await subscription.next()
    for as_of in range(2, 1000):
        subscription.offer(state(as_of, connected=as_of % 2 == 0))
    latest = state(1000, connected=True)
    subscription.offer(latest)
    assert await subscription.next() == latest


async def test_a_state_that_is_older_than_the_known_one_is_ignored() -> None:
    subscription = subscribe(state(2, connected=True), repeat_seconds=AT_ONCE)
    await subscription.next()
    subscription.offer(state(1, connected=False))
    assert (await subscription.next()).status.as_of == 2


async def test_if_nothing_changes_the_present_state_is_repeated() -> None:
    subscription = subscribe(state(1, connected=True), repeat_seconds=AT_ONCE)
    await subscription.next()
    subscription.offer(state(2, connected=True))
    assert (await subscription.next()).status.as_of == 2


async def test_while_storage_is_unavailable_the_last_known_state_is_repeated_with_its_own_time() -> None:
    subscription = subscribe(state(1, connected=True), repeat_seconds=AT_ONCE)
    assert [(await subscription.next()).status.as_of for _ in range(3)] == [1, 1, 1]


async def test_what_ends_a_subscription_comes_before_any_state() -> None:
    subscription = subscribe(state(1, connected=True))
    subscription.end(Draining())
    subscription.offer(state(2, connected=False))
    with pytest.raises(Draining):
        await subscription.next()


async def test_a_watcher_who_no_longer_takes_part_gets_nothing_more() -> None:
    subscription = subscribe(state(1, connected=True), repeat_seconds=AT_ONCE)
    await subscription.next()
    subscription.offer(state(2, connected=True, students=(UserId(202),)))
    with pytest.raises(NotYourSession):
        await subscription.next()
