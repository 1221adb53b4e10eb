"""Whiteboard sessions for tests: rows of the platform, which has no API here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from testkit.facts import query_facts
from testkit.postgres import execute, query

TUTOR = 101
STUDENT = 201
RELAY = "whiteboard-server"


def add_whiteboard_session(url: str, *, students: Sequence[int] = (STUDENT,), tutor: int = TUTOR) -> int:
    """Insert a session and return its id."""
    listed = "{" + ",".join(map(str, students)) + "}"
    execute(url, f"INSERT INTO whiteboard_sessions (tutor_id, student_id) VALUES ({tutor}, '{listed}')")  # noqa: S608
    (row,) = query(url, "SELECT max(id) FROM whiteboard_sessions")
    return int(str(row[0]))


def columns(url: str, session_id: int, *names: str) -> tuple[Any, ...]:
    """Return columns of one session."""
    (row,) = query_facts(url, f"SELECT {', '.join(names)} FROM whiteboard_sessions WHERE id = {session_id}")  # noqa: S608
    return row


def intervals(url: str, session_id: int) -> list[tuple[Any, ...]]:
    """Return (user_id, seconds, end_reason) of every interval of a session, in order."""
    statement = f"""
        SELECT user_id, EXTRACT(EPOCH FROM ended_at - started_at)::float, end_reason FROM presence_intervals
        WHERE whiteboard_session_id = {session_id} ORDER BY user_id, started_at"""  # noqa: S608
    return query_facts(url, statement)
