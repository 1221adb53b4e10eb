"""What PostgreSQL says of who was present, and how near that is to what really happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from testkit.eventually import MAX_WAIT_SECONDS, POLL_INTERVAL_SECONDS
from testkit.postgres import query


class Interval(NamedTuple):
    """One unbroken stretch of presence."""

    started_at: datetime
    ended_at: datetime
    end_reason: str | None


class Facts:
    """The facts of one participant of one whiteboard session."""

    def __init__(self, database: str, session_id: int, user: int, *, tolerance: timedelta) -> None:
        """`tolerance` is how far apart a fact and what happened may be."""
        self._database = database
        self._where = f"whiteboard_session_id = {session_id} AND user_id = {user}"
        self._tolerance = tolerance

    def intervals(self) -> list[Interval]:
        """Return what is recorded, in order."""
        rows = query(
            self._database,
            f"SELECT started_at, ended_at, end_reason FROM presence_intervals WHERE {self._where} ORDER BY started_at",  # noqa: S608
        )
        return [Interval(*row) for row in rows]  # type: ignore[arg-type] # psycopg2's rows

    def become(self, expected: Callable[[list[Interval]], object]) -> list[Interval]:
        """Wait until the facts are as expected, and return them."""
        _until(lambda: expected(self.intervals()))
        return self.intervals()

    def activities_become(self, expected: set[str]) -> None:
        """Wait until these activities, and no others, are recorded."""
        statement = f"SELECT DISTINCT activity_type FROM activity_periods WHERE {self._where}"  # noqa: S608
        _until(lambda: {word for (word,) in query(self._database, statement)} == expected)

    def are_heard_after(self, moment: datetime) -> list[Interval]:
        """Wait until there is a sign of life after a moment, and return the facts."""
        return self.become(lambda found: found and found[-1].ended_at > moment)

    def is_near(self, fact: datetime, happened: datetime) -> bool:
        """Whether a fact is what happened, to within the tolerance."""
        return abs(fact - happened) <= self._tolerance


def now() -> datetime:
    """Return the present moment; PostgreSQL runs on the same machine."""
    return datetime.now(UTC)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(POLL_INTERVAL_SECONDS)
