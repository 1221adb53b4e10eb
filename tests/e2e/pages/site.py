"""The whole product with the demo's people, and lessons that tests add."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg2

from development.demo.heartbeats import presence_events, stream
from development.demo.marking import take_decisions
from development.demo.people import Person
from development.demo.platform_rows import insert_rows, insert_sessions
from development.demo.story import Story
from development.demo.timetable import Lesson, timetable
from development.demo.tokens import demo_token
from servicekit.auth.issuer import issue_service_token
from servicekit.clock import SystemClock
from servicekit.database.engine import Database
from testkit.envoy import Gateway
from testkit.service_process import ServiceProcess
from testkit.tokens import SECRET

#: The session time zone by default.
ZONE = ZoneInfo("Africa/Addis_Ababa")
#: Ids of lessons that tests add; the demo's own are lower.
FIRST_ID = 10_001


def token_of(person: Person) -> str:
    """Return a token like the platform's."""
    return demo_token(SECRET, person)


@dataclass(kw_only=True)
class Site:
    """Everything that a page meets."""

    database: str
    tracking: ServiceProcess
    attendance: ServiceProcess
    gateway: Gateway
    _ids: count[int] = field(default_factory=lambda: count(FIRST_ID))

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.gateway.url

    def add(self, *stories: Story) -> tuple[Lesson, ...]:
        """Add lessons with all that happened in them; they are there, and decided on, when this returns."""
        now = datetime.now(UTC)
        lessons = tuple(timetable([story], now, first_id=next(self._ids))[0] for story in stories)
        self.record(lessons, now)
        return lessons

    def record(self, lessons: tuple[Lesson, ...], now: datetime) -> None:
        """Insert the platform's rows, stream what happened by `now`, and take the decisions."""
        database = Database(self.database, role="", application="test", pool_size=1)
        with database.transaction() as connection:
            insert_rows(connection, lessons)
        relay = issue_service_token(SECRET, service="test-whiteboard", clock=SystemClock())
        in_a_thread(stream(presence_events(lessons, now), self.tracking.address, relay))
        with database.transaction() as connection:
            insert_sessions(connection, lessons, ZONE)
        database.dispose()
        in_a_thread(take_decisions(lessons, self.attendance.address, token_of))

    def call(self, person: Person, method: str, path: str, **body: object) -> dict[str, Any]:
        """Make a REST call as a person, not through the page, and return the answer."""
        headers = {"authorization": f"Bearer {token_of(person)}"}
        answer = httpx.request(method, f"{self.url}{path}", headers=headers, json=body or None, timeout=60)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def get(self, person: Person, path: str, **parameters: str) -> dict[str, Any]:
        """Make a REST call that only reads, as a person, not through the page, and return the answer."""
        headers = {"authorization": f"Bearer {token_of(person)}"}
        answer = httpx.get(f"{self.url}{path}", headers=headers, params=parameters, timeout=60).raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def execute(self, statement: str, *parameters: object) -> None:
        """Change the database, past everything."""
        connection = psycopg2.connect(self.database)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
        connection.close()


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Do it in a thread of its own: Playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
