"""What one watcher is told next, however slowly it reads."""

from __future__ import annotations

import asyncio

import pytest

from servicekit.auth.principal import Principal
from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tests.unit.tracking.test_status_changes import ABSENT, came, judged
from tracking_service.domain.status import Status
from tracking_service.ingest.stream_errors import Draining
from tracking_service.queries.status import NotYourSession, SessionStatus
from tracking_service.store.whiteboard_sessions import Members
from tracking_service.watching.watch import Watch

STUDENT = UserId(201)
CALLER = Principal(
    subject="201", user_id=STUDENT, role="student", roles=frozenset({"student"}), expires_at=Instant(2**60)
)
CONNECTED = judged(came(), 1)
#: Never is longer than any test takes; at once is what remains of a repetition time.
NEVER, AT_ONCE = 3600.0, 0.0


def state(as_of: int, *, connected: bool, students: tuple[UserId, ...] = (STUDENT,)) -> SessionStatus:
    return SessionStatus(
        session_id=WhiteboardSessionId(5),
        members=Members(UserId(101), students),
        status=Status(as_of=Instant(as_of), tutor=ABSENT, student=CONNECTED if connected else ABSENT),
    )


def watch(first: SessionStatus, *, repeat_seconds: float = NEVER) -> Watch:
    return Watch(CALLER, first, repeat_seconds=repeat_seconds)


async def test_the_first_state_is_told_at_once() -> None:
    first = state(1, connected=False)
    assert await watch(first).next() == first


async def test_a_change_is_told_as_soon_as_it_is_known() -> None:
    watching = watch(state(1, connected=False))
    await watching.next()
    telling = asyncio.create_task(watching.next())
    changed = state(2, connected=True)
    watching.offer(changed)
    assert await telling == changed


async def test_of_several_changes_while_it_was_reading_the_watcher_is_told_the_last() -> None:
    watching = watch(state(1, connected=False))
    await watching.next()
    for as_of in range(2, 1000):
        watching.offer(state(as_of, connected=as_of % 2 == 0))
    latest = state(1000, connected=True)
    watching.offer(latest)
    assert await watching.next() == latest


async def test_a_state_that_was_overtaken_is_passed_over() -> None:
    watching = watch(state(2, connected=True), repeat_seconds=AT_ONCE)
    await watching.next()
    watching.offer(state(1, connected=False))
    assert (await watching.next()).status.as_of == 2


async def test_where_nothing_changes_the_present_state_is_told_again() -> None:
    watching = watch(state(1, connected=True), repeat_seconds=AT_ONCE)
    await watching.next()
    watching.offer(state(2, connected=True))
    assert (await watching.next()).status.as_of == 2


async def test_where_storage_is_away_the_last_known_state_is_told_with_its_own_time() -> None:
    watching = watch(state(1, connected=True), repeat_seconds=AT_ONCE)
    assert [(await watching.next()).status.as_of for _ in range(3)] == [1, 1, 1]


async def test_what_ends_a_watch_is_told_before_anything_else() -> None:
    watching = watch(state(1, connected=True))
    watching.end(Draining())
    watching.offer(state(2, connected=False))
    with pytest.raises(Draining):
        await watching.next()


async def test_who_no_longer_takes_part_is_told_nothing_more() -> None:
    watching = watch(state(1, connected=True), repeat_seconds=AT_ONCE)
    await watching.next()
    watching.offer(state(2, connected=True, students=(UserId(202),)))
    with pytest.raises(NotYourSession):
        await watching.next()
