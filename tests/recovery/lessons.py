"""The events that a relay of these tests sends, and the facts that follow from the first n of them.

An event is a function of its number, so the facts up to a number can be computed without keeping the events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from astegni.tracking.v1 import tracking_pb2
from testkit.facts import query_facts
from testkit.heartbeat_client import event
from testkit.whiteboard_sessions import TUTOR, add_whiteboard_session

#: The service's presence timeout in these tests: longer than a lesson, however slow the machine is.
PRESENCE_TIMEOUT = timedelta(hours=1)
#: Lessons lie in the past, so that no event comes from the future, and within the timeout, so that they are open.
BEGAN_AGO = timedelta(minutes=10)
#: Between two events of one relay.
STEP = timedelta(microseconds=50)
#: One event in so many is a stroke; strokes are counted, so a lost or doubled one shows.
EVENTS_PER_STROKE = 3
SESSIONS_PER_LESSON = 10
FIRST_STUDENT = 10_000


class Attendee(NamedTuple):
    """A participant of a session."""

    session_id: int
    user_id: int
    user_type: str


class Presence(NamedTuple):
    """All facts about an attendee who was present without a break."""

    first_at: datetime
    last_at: datetime
    strokes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """All attendees connect; then they send heartbeats in turn, and every third one is a stroke."""

    attendees: Sequence[Attendee]
    began_at: datetime
    connection_id: str = ""

    def event(self, number: int) -> tracking_pb2.PresenceEvent:
        """Return the event with this number."""
        attendee = self._attendee(number)
        return event(
            number,
            "connect" if number <= len(self.attendees) else "heartbeat",
            attendee.session_id,
            attendee.user_id,
            user_type=attendee.user_type,
            at=self.time_of(number),
            connection_id=self.connection_id,
            activity_type="draw" if self._is_stroke(number) else "",
        )

    def presences(self, count: int) -> dict[Attendee, Presence]:
        """Return the facts that follow from the first `count` events."""
        presences: dict[Attendee, Presence] = {}
        for number in range(1, count + 1):
            attendee, at = self._attendee(number), self.time_of(number)
            earlier = presences.get(attendee, Presence(at, at, 0))
            presences[attendee] = Presence(earlier.first_at, at, earlier.strokes + self._is_stroke(number))
        return presences

    def strokes(self, count: int) -> int:
        """Return how many of the first `count` events are strokes."""
        return sum(self._is_stroke(number) for number in range(1, count + 1))

    def time_of(self, number: int) -> datetime:
        """Return when the event with this number happened."""
        return self.began_at + number * STEP

    def _attendee(self, number: int) -> Attendee:
        return self.attendees[number % len(self.attendees)]

    def _is_stroke(self, number: int) -> bool:
        return number > len(self.attendees) and number % EVENTS_PER_STROKE == 0


def hold_lesson(database: str) -> Lesson:
    """Insert sessions of one tutor and one student each, for one relay."""
    attendees: list[Attendee] = []
    for student in range(FIRST_STUDENT, FIRST_STUDENT + SESSIONS_PER_LESSON):
        session_id = add_whiteboard_session(database, students=[student])
        attendees += [Attendee(session_id, TUTOR, "tutor"), Attendee(session_id, student, "student")]
    return Lesson(attendees=attendees, began_at=datetime.now(UTC).replace(microsecond=0) - BEGAN_AGO)


def stored_presences(database: str, sessions: Iterable[int]) -> dict[Attendee, list[Presence]]:
    """Return every interval of the sessions, with all strokes of its attendee."""
    presences: dict[Attendee, list[Presence]] = {}
    for session_id, user_id, user_type, *presence in query_facts(database, _stored(sessions)):
        attendee = Attendee(session_id, user_id, user_type)  # type: ignore[arg-type]
        presences.setdefault(attendee, []).append(Presence(*presence))  # type: ignore[arg-type]
    return presences


def _stored(sessions: Iterable[int]) -> str:
    listed = ",".join(map(str, sorted(set(sessions))))
    return f"""
        SELECT whiteboard_session_id, user_id, user_type, started_at, last_sign_at, COALESCE((
            SELECT sum(occurrences)::integer FROM activity_periods AS activity
            WHERE (activity.whiteboard_session_id, activity.user_id, activity.user_type)
                = (interval_.whiteboard_session_id, interval_.user_id, interval_.user_type)), 0)
        FROM presence_intervals AS interval_ WHERE whiteboard_session_id IN ({listed})"""  # noqa: S608
