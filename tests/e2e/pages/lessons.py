"""Lessons that a test adds for itself, and where a page shows them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from development.demo.timetable import Lesson
from tests.e2e.pages.site import ZONE


def address(*lessons: Lesson, path: str = "#/lessons", **filters: str) -> str:
    """Return the address of the sessions on the days of these lessons: nothing else happened then."""
    days = sorted(lesson.start.astimezone(ZONE).date().isoformat() for lesson in lessons)
    query = {"from": days[0], "to": days[-1], **filters}
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def when(lesson: Lesson) -> str:
    """Return a lesson's day and times as the page writes them."""
    start, end = lesson.start.astimezone(ZONE), lesson.end.astimezone(ZONE)
    return f"{start:%a, %b} {start.day}, {start.year}, {start:%H:%M}–{end:%H:%M}"  # noqa: RUF001 - as it is typeset


def card(page: Page, session_id: int) -> Locator:
    """Return the line of a lesson."""
    return page.locator(f"li[data-lesson='{session_id}']")
