"""The sessions of `attendancectl simulate`, which nobody held (docs/attendancectl.md#simulate)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from tracking_service.folding.waiting import JournalNotFolded, wait_until_folded
from tracking_service.store import simulated_sessions

__all__ = ["JournalNotFolded", "create_sessions", "remove_sessions"]


def create_sessions(connection: Connection, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Insert a session for each tutor and student; return (session, tutor, student)."""
    return simulated_sessions.create(connection, pairs)


def remove_sessions(connection: Connection) -> int:
    """Delete the sessions of all simulations with their facts, and return how many; JournalNotFolded."""
    sessions = simulated_sessions.find(connection)
    if sessions:
        # Else facts about them would be made afterwards.
        wait_until_folded(connection)
        simulated_sessions.remove(connection, sessions)
    return len(sessions)
