"""What decisions and settled lessons say of a person is found by indexes: the tables have millions of rows.

Facts are looked for in whole tables, before anything of them is locked: indexes by user would make each connect dearer.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.store.erasure import erase as erase_from_attendance
from attendance_service.store.personal_data import export as export_from_attendance
from servicekit.identifiers import UserId
from testkit.shared_database import database
from tests.integration.personal_data.abel import ABEL, fill
from tests.integration.personal_data.commands import acting_as

__all__ = ["database"]

#: PostgreSQL does it then only where it has no other way.
AVOID_WHOLE_TABLES = text("SET LOCAL enable_seqscan = off")
READ_AS_A_WHOLE = text("SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
#: Whiteboards, whose lists of students are the platform's, are read without a lock. The others stay small: what was set
#: by hand, and the streams of two days.
ALLOWED = {"whiteboard_sessions", "attendance_policies", "heartbeat_streams"}


@pytest.mark.parametrize("work", [export_from_attendance, erase_from_attendance])
def test_a_person_is_found_by_indexes(database: str, work: Callable[[Connection, UserId], object]) -> None:
    fill(database)
    with acting_as("attendance_erasure", database) as acting, acting.transaction() as connection:
        connection.execute(AVOID_WHOLE_TABLES)
        work(connection, UserId(ABEL))
        read = set(connection.execute(READ_AS_A_WHOLE).scalars())
    assert read <= ALLOWED


def test_the_function_that_erases_facts_finds_them_by_their_sessions(database: str) -> None:
    fill(database)
    with acting_as("tracking_erasure", database) as acting, acting.transaction() as connection:
        connection.execute(AVOID_WHOLE_TABLES)
        connection.execute(text("SELECT erase_user(:user_id, '{1,2,3}')"), {"user_id": ABEL})
        read = set(connection.execute(READ_AS_A_WHOLE).scalars())
    assert read <= ALLOWED
