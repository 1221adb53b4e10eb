"""Transactions that get in each other's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from grpc import aio
from sqlalchemy.engine import Connection

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from attendance_service.store.decisions import LOCK_SESSIONS
from attendance_service.store.executor import MAX_ATTEMPTS, DatabaseExecutor
from servicekit.database.engine import Database
from servicekit.errors import TransactionLost
from testkit.postgres import query
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, PARENT, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn, there

#: So that bulk decisions meet others in any order.
LESSONS, ROUNDS = 6, 5
ALL_IN_ORDER = "SELECT session_id, position FROM ledger_entries ORDER BY 1, 2"


@pytest.fixture
def executor(database: str) -> Iterator[DatabaseExecutor]:
    pool = Database(database, role="", application="test", pool_size=2, parameters={"deadlock_timeout": "1ms"})
    executor = DatabaseExecutor(pool, threads=2)
    yield executor
    executor.close()


async def test_the_transaction_that_loses_a_deadlock_is_tried_again(
    executor: DatabaseExecutor, platform: Platform
) -> None:
    sessions = (platform.add_session(), platform.add_session())
    both_hold_one = threading.Barrier(2)
    runs: list[tuple[int, ...]] = []

    def locking(*order: int) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            is_first = order not in runs
            runs.append(order)
            lock(connection, order[0])
            if is_first:
                both_hold_one.wait()
            lock(connection, order[1])

        return work

    await asyncio.gather(executor.run(locking(*sessions)), executor.run(locking(*reversed(sessions))))
    assert len(runs) == 3


async def test_it_is_given_up_if_it_loses_again_and_again(executor: DatabaseExecutor) -> None:
    runs = []

    def work(connection: Connection) -> None:
        runs.append(connection)
        raise TransactionLost

    with pytest.raises(TransactionLost):
        await executor.run(work)
    assert len(runs) == MAX_ATTEMPTS


async def test_whoever_decides_settles_or_withdraws_at_the_same_time_meets_no_deadlock(  # noqa: PLR0917
    channel: aio.Channel,
    app: AttendanceApp,
    platform: Platform,
    tracking: TrackingStandIn,
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tutor, parent, admin = (
        Client(channel, TUTOR, "tutor"),
        Client(channel, PARENT, "parent"),
        Client(channel, ADMIN, "admin"),
    )
    lessons = []
    for _ in range(LESSONS):
        lesson, whiteboard = platform.add_lesson()
        tracking.knows(whiteboard, tutor=(TUTOR, [there(0, 60)]), student=(STUDENT, [there(10, 60)]))
        lessons.append(lesson)
    for _ in range(ROUNDS):
        platform.run("UPDATE settled_sessions SET recheck_at = now()")
        await asyncio.gather(
            app.settling.settle_all(),
            *(client.report("ApplySuggestions") for client in (tutor, admin)),
            *(tutor.mark(lesson, student_attendance_status=pb.late) for lesson in lessons),
            *(parent.mark(lesson, student_attendance_status=pb.present) for lesson in reversed(lessons)),
            *(admin.mark(lesson, tutor_attendance_status=pb.absent) for lesson in lessons),
            *(admin.report("WithdrawDecision", session_id=lesson) for lesson in reversed(lessons)),
            # Some are refused, because of what others decided.
            return_exceptions=True,
        )
    assert "another transaction was in the way" not in caplog.text
    chained = query(database, ALL_IN_ORDER)
    assert {session for session, _ in chained} == set(lessons)
    # Nobody overwrote what another one added.
    for lesson in lessons:
        positions = [position for session, position in chained if session == lesson]
        assert positions == list(range(1, len(positions) + 1))


def lock(connection: Connection, session: int) -> None:
    connection.execute(LOCK_SESSIONS, {"sessions": f"{{{session}}}"})
