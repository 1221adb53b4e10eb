"""What happens in lessons all the time, and what is recorded of it, for tests that disturb processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from development.demo.platform_rows import insert_rows, insert_sessions
from development.demo.stories import STORIES
from development.demo.timetable import timetable
from heartbeat_relay import HeartbeatRelay
from servicekit.database.engine import Database
from testkit.facts import query_facts
from testkit.page_traffic import PageCall
from testkit.relays import draw, make_relay
from testkit.tokens import token
from testkit.whiteboard_sessions import STUDENT, TUTOR

#: Enough for each tracking service to have some.
RELAY_STREAMS = 6
SECONDS_BETWEEN_STROKES = 0.01
ADMIN = 901
#: Times in which no tracking service took events (docs/operations.md#outages).
OUTAGES = """
    SELECT FROM (
        SELECT max(observed_until) OVER earlier AS observed_until, lead(started_at) OVER earlier AS next_start
        FROM observation_coverage
        WINDOW earlier AS (ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS period
    WHERE next_start > observed_until"""
#: Times in which no presence socket watched.
UNWATCHED = OUTAGES.replace("observation_coverage", "relay_coverage").replace("started_at", "observing_since")


def add_lessons_of_a_day(url: str) -> None:
    """Add what the platform has written of a day."""
    zone = ZoneInfo("Africa/Addis_Ababa")
    lessons = timetable(STORIES, datetime.now(UTC), zone=zone)
    rows = Database(url, role="", application="test", pool_size=1)
    with rows.transaction() as connection:
        insert_rows(connection, lessons)
        insert_sessions(connection, lessons, zone)
    rows.dispose()


class Strokes:
    """A relay that draws all the time, through the gateway."""

    def __init__(self, lessons: Sequence[int]) -> None:
        self._lessons = lessons
        self.drawn = 0

    @asynccontextmanager
    async def drawing(self, address: str) -> AsyncIterator[None]:
        """Draw until the end of the block; afterwards everything is acknowledged."""
        async with make_relay(address, streams=RELAY_STREAMS) as relay:
            task = asyncio.create_task(self._draw(relay))
            yield
            task.cancel()

    async def _draw(self, relay: HeartbeatRelay) -> None:
        while True:
            draw(relay, self._lessons[self.drawn % len(self._lessons)], self.drawn)
            self.drawn += 1
            await asyncio.sleep(SECONDS_BETWEEN_STROKES)


def page_calls(whiteboard: int) -> list[PageCall]:
    """Return a call of each kind: to either service, to both, that only reads, and that writes."""
    tutor, student, admin = token(TUTOR, "tutor"), token(STUDENT, "student"), token(ADMIN, "admin")
    whiteboards = f"/api/whiteboard/sessions/{whiteboard}"
    return [
        PageCall(method="GET", path="/api/tutor/sessions", bearer=tutor),
        PageCall(method="GET", path="/api/tutor/sessions/1/attendance-suggestion", bearer=tutor),
        PageCall(method="GET", path="/api/reports/whiteboard-engagement", bearer=admin),
        PageCall(method="GET", path=f"{whiteboards}/connection-status", bearer=student),
        PageCall(
            method="PUT",
            path="/api/tutor/sessions/1/attendance",
            bearer=tutor,
            body={"student_attendance_status": "present"},
        ),
        PageCall(method="POST", path=f"{whiteboards}/heartbeat", bearer=student, body={"user_type": "student"}),
    ]


def presence_of(database: str, lessons: Sequence[int]) -> list[tuple[object, ...]]:
    """Return the lesson, the person and the end of each interval of presence."""
    listed = ",".join(map(str, lessons))
    statement = f"""
        SELECT whiteboard_session_id, user_id, end_reason FROM presence_intervals
        WHERE whiteboard_session_id IN ({listed}) ORDER BY 1, 2, started_at"""  # noqa: S608
    return query_facts(database, statement)
