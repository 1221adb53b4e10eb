"""The presence intervals in the database, compared with what really happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from testkit.eventually import MAX_WAIT_SECONDS, POLL_INTERVAL_SECONDS
from testkit.facts import query_facts


class Interval(NamedTuple):
    """One presence interval."""

    started_at: datetime
    ended_at: datetime
    end_reason: str | None


class Facts:
    """The presence of one participant of one whiteboard session."""

    def __init__(self, database: str, session_id: int, user: int, *, tolerance: timedelta) -> None:
        """`tolerance` is the allowed difference between a recorded time and the real one."""
        self._database = database
        self._where = f"whiteboard_session_id = {session_id} AND user_id = {user}"
        self._tolerance = tolerance

    def intervals(self) -> list[Interval]:
        """Return the recorded intervals, in order."""
        rows = query_facts(
            self._database,
            f"SELECT started_at, ended_at, end_reason FROM presence_intervals WHERE {self._where} ORDER BY started_at",  # noqa: S608
        )
        return [Interval(*row) for row in rows]  # type: ignore[arg-type] # psycopg2's rows

    def wait_for(self, condition: Callable[[list[Interval]], object]) -> list[Interval]:
        """Wait until the intervals meet a condition, and return them."""
        _wait_until(lambda: condition(self.intervals()))
        return self.intervals()

    def wait_for_activities(self, expected: set[str]) -> None:
        """Wait until exactly these activity types are recorded."""
        statement = f"SELECT DISTINCT activity_type FROM activity_periods WHERE {self._where}"  # noqa: S608
        _wait_until(lambda: {word for (word,) in query_facts(self._database, statement)} == expected)

    def wait_for_sign_after(self, time: datetime) -> list[Interval]:
        """Wait for a sign of life after this time, and return the intervals."""
        return self.wait_for(lambda intervals: intervals and intervals[-1].ended_at > time)

    def is_near(self, recorded: datetime, real: datetime) -> bool:
        """Return whether a recorded time is the real one, within the tolerance."""
        return abs(recorded - real) <= self._tolerance


def now() -> datetime:
    """Return the current time; PostgreSQL runs on the same machine."""
    return datetime.now(UTC)


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(POLL_INTERVAL_SECONDS)
