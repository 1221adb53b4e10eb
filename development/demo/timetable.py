"""From stories to moments: when each lesson is, and under which ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from development.demo.story import Story

#: Lessons start at a round time.
ROUNDING_MINUTES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """A story with its place in time (UTC)."""

    #: sessions.id
    session_id: int
    #: whiteboard_sessions.id, where there is a whiteboard.
    whiteboard_id: int | None
    story: Story
    start: datetime
    end: datetime


def timetable(stories: Iterable[Story], now: datetime, *, first_id: int = 1) -> tuple[Lesson, ...]:
    """Place the stories around `now` (UTC); both kinds of id count from `first_id`."""
    anchor = now.replace(minute=now.minute - now.minute % ROUNDING_MINUTES, second=0, microsecond=0)
    lessons: list[Lesson] = []
    whiteboards = first_id - 1
    for session_id, story in enumerate(stories, start=first_id):
        whiteboards += story.has_whiteboard
        start = anchor + timedelta(hours=story.starts_in)
        lessons.append(
            Lesson(
                session_id=session_id,
                whiteboard_id=whiteboards if story.has_whiteboard else None,
                story=story,
                start=start,
                end=start + timedelta(minutes=story.minutes),
            )
        )
    return tuple(lessons)
