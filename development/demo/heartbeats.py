"""From stays to the events that a whiteboard server would have sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from astegni.tracking.v1 import tracking_pb2 as tracking
from development.demo.people import enrolment
from development.demo.story import Stay
from development.demo.timetable import Lesson

#: The documented rhythm.
HEARTBEAT_INTERVAL = timedelta(seconds=15)
#: Every so many heartbeats somebody draws.
BEATS_PER_STROKE = 8


def presence_events(lessons: Iterable[Lesson], now: datetime) -> list[tracking.PresenceEvent]:
    """Return everything that happened up to `now`, oldest first, numbered from 1."""
    events = [event for lesson in lessons for event in _events_of(lesson) if event.observed_at.ToDatetime(now.tzinfo) <= now]
    events.sort(key=lambda event: event.observed_at.ToNanoseconds())
    for number, event in enumerate(events, start=1):
        event.sequence = number
    return events


def _events_of(lesson: Lesson) -> Iterator[tracking.PresenceEvent]:
    tutor = enrolment(lesson.story.enrolment).tutor
    for stay in lesson.story.tutor:
        yield from _events_of_stay(lesson, stay, tutor, tracking.tutor)
    for student, stays in lesson.story.students.items():
        for stay in stays:
            yield from _events_of_stay(lesson, stay, student, tracking.student)
