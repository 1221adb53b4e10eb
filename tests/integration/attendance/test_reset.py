"""Every test starts with the same rows, and what the database refuses stays refused."""

from __future__ import annotations

import psycopg2
import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import Platform


async def test_a_reset_deletes_decisions_and_ids_start_again(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.late)
    platform.reset()
    assert platform.rows("SELECT id FROM attendance_decisions") == []
    assert platform.add_session() == 1


async def test_decisions_cannot_be_deleted_after_a_reset(tutor: Client, platform: Platform, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.late)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        platform.run("DELETE FROM attendance_decisions")
