"""From stays to the events that a whiteboard server would have sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from astegni.tracking.v1 import tracking_pb2 as tracking
from development.demo.people import enrolment
from development.demo.story import Stay
from development.demo.timetable import Lesson

#: The documented rhythm.
HEARTBEAT_INTERVAL = timedelta(seconds=15)
#: Every so many heartbeats somebody draws.
BEATS_PER_STROKE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class _Participation:
    """Somebody's part in a lesson with a whiteboard."""

    whiteboard_id: int
    lesson_start: datetime
    user_id: int
    user_type: tracking.UserType.ValueType

    def event(self, stay: Stay, kind: tracking.EventKind.ValueType, at: datetime) -> tracking.PresenceEvent:
        event = tracking.PresenceEvent(
            kind=kind,
            session_id=self.whiteboard_id,
            user_type=self.user_type,
            user_id=self.user_id,
            connection_id=f"{self.user_id}-{stay.tab}",
        )
        event.observed_at.FromDatetime(at)
        return event


def presence_events(lessons: Iterable[Lesson], now: datetime) -> list[tracking.PresenceEvent]:
    """Return everything that happened up to `now`, oldest first."""
    events = (event for lesson in lessons for event in _events_of(lesson))
    return sorted((event for event in events if _moment(event) <= now), key=_moment)


def _moment(event: tracking.PresenceEvent) -> datetime:
    return event.observed_at.ToDatetime(UTC)


def _events_of(lesson: Lesson) -> Iterator[tracking.PresenceEvent]:
    if lesson.whiteboard_id is None:
        return
    tutor = enrolment(lesson.story.enrolment).tutor
    roles = [(tutor, tracking.tutor, lesson.story.tutor)]
    roles += [(student, tracking.student, stays) for student, stays in lesson.story.students.items()]
    for user_id, user_type, stays in roles:
        part = _Participation(
            whiteboard_id=lesson.whiteboard_id, lesson_start=lesson.start, user_id=user_id, user_type=user_type
        )
        for stay in stays:
            yield from _events_of_stay(part, stay)


def _events_of_stay(part: _Participation, stay: Stay) -> Iterator[tracking.PresenceEvent]:
    joins = part.lesson_start + timedelta(minutes=stay.joins)
    leaves = part.lesson_start + timedelta(minutes=stay.leaves)
    yield part.event(stay, tracking.connect, joins)
    for beat in range(1, (leaves - joins) // HEARTBEAT_INTERVAL + 1):
        event = part.event(stay, tracking.heartbeat, joins + beat * HEARTBEAT_INTERVAL)
        event.activity_type = "heartbeat" if beat % BEATS_PER_STROKE else "draw"
        yield event
    if stay.says_goodbye:
        yield part.event(stay, tracking.disconnect, leaves)
