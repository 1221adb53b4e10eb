"""A person is exported and erased without reading whole tables, which have millions of rows."""

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
from tracking_service.store.personal_data import erase as erase_from_tracking
from tracking_service.store.personal_data import export as export_from_tracking

__all__ = ["database"]

#: PostgreSQL does it then only where it has no other way.
AVOID_WHOLE_TABLES = text("SET LOCAL enable_seqscan = off")
READ_AS_A_WHOLE = text("SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
#: Whiteboards are read without a lock: an index would have to be changed with each entry of a log, and the lists of
#: students are the platform's. The others stay small: what was set by hand, and the streams of two days.
ALLOWED = {"whiteboard_sessions", "attendance_policies", "heartbeat_streams"}


@pytest.mark.parametrize(
    ("role", "work"),
    [
        ("tracking_erasure", export_from_tracking),
        ("attendance_erasure", export_from_attendance),
        ("attendance_erasure", erase_from_attendance),
        ("tracking_erasure", erase_from_tracking),
    ],
)
def test_a_person_is_found_by_indexes(database: str, role: str, work: Callable[[Connection, UserId], object]) -> None:
    fill(database)
    with acting_as(role, database) as acting, acting.transaction() as connection:
        connection.execute(AVOID_WHOLE_TABLES)
        work(connection, UserId(ABEL))
        read = set(connection.execute(READ_AS_A_WHOLE).scalars())
    assert read <= ALLOWED
