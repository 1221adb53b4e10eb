"""When each lesson of the demo takes place, and under which ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from development.demo.story import Story

#: Lessons start on the quarter of an hour.
ROUNDING_MINUTES = 15
#: Lessons start between these times of day.
FIRST_START, LAST_START = timedelta(hours=7), timedelta(hours=20, minutes=30)
_SCHOOL_DAY = LAST_START - FIRST_START


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


def timetable(
    stories: Iterable[Story], now: datetime, *, first_id: int = 1, zone: ZoneInfo | None = None
) -> tuple[Lesson, ...]:
    """Place the stories around `now` (UTC); both kinds of id count from `first_id`.

    With a `zone`, `starts_in` counts only hours at which lessons start there, so no lesson is at night, whatever time
    it is now. A lesson in progress is the exception: it is now.
    """
    anchor = now.replace(minute=now.minute - now.minute % ROUNDING_MINUTES, second=0, microsecond=0)
    lessons: list[Lesson] = []
    whiteboards = first_id - 1
    for session_id, story in enumerate(stories, start=first_id):
        whiteboards += story.has_whiteboard
        start = _start(story, anchor, zone)
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


def _start(story: Story, anchor: datetime, zone: ZoneInfo | None) -> datetime:
    distance = timedelta(hours=story.starts_in)
    if zone is None or story.status == "in-progress":
        return anchor + distance
    return _within_school_days(anchor.astimezone(zone), distance).astimezone(UTC)


def _within_school_days(anchor: datetime, distance: timedelta) -> datetime:
    """Return the time that lies this many school hours before or after `anchor`; nights are skipped."""
    midnight = datetime.combine(anchor.date(), time(), anchor.tzinfo)
    passed = min(max(anchor - midnight - FIRST_START, timedelta()), _SCHOOL_DAY)
    days, hours = divmod(passed + distance, _SCHOOL_DAY)
    return midnight + timedelta(days=days) + FIRST_START + hours
