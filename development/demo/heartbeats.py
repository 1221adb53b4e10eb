"""The events that a whiteboard server would have sent, and streaming them through the tracking service as it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from astegni.tracking.v1 import tracking_pb2 as tracking
from development.demo.people import enrolment, person
from development.demo.story import Stay
from development.demo.timetable import Lesson
from heartbeat_relay import HeartbeatRelay, UserType
from servicekit.tls.mutual import Identity, channel_credentials

#: The documented interval.
HEARTBEAT_INTERVAL = timedelta(seconds=15)
#: One in this many heartbeats is a stroke on the whiteboard.
HEARTBEATS_PER_STROKE = 8
#: Generous, so that only a service that hangs ever reaches it.
FLUSH_SECONDS = 60.0
_USER_TYPES: dict[int, UserType] = {tracking.tutor: "tutor", tracking.student: "student"}


class EventsRefused(RuntimeError):
    """The tracking service rejected events of the demo; the message names the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Participation:
    """A person's part in a lesson with a whiteboard."""

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
    return sorted((event for event in events if _time(event) <= now), key=_time)


async def stream(
    events: Sequence[tracking.PresenceEvent], address: str, token: str, identity: Identity | None = None
) -> None:
    """Return when every event is committed; without an identity the service speaks plaintext.

    Raises:
        EventsRefused: the tracking service rejected some.
        RelayError: they could not be delivered.
    """
    rejections: list[str] = []

    def note_rejection(_event: tracking.PresenceEvent, _reason: str, message: str) -> None:
        rejections.append(message)

    credentials = None if identity is None else channel_credentials(identity)
    async with HeartbeatRelay(
        address, token, flush_seconds=FLUSH_SECONDS, on_rejection=note_rejection, credentials=credentials
    ) as relay:
        for event in events:
            _hand_over(event, relay)
    if rejections:
        raise EventsRefused(f"{len(rejections)} of {len(events)} events were rejected, the first: {rejections[0]}")


def _time(event: tracking.PresenceEvent) -> datetime:
    return event.observed_at.ToDatetime(UTC)


def _events_of(lesson: Lesson) -> Iterator[tracking.PresenceEvent]:
    if lesson.whiteboard_id is None:
        return
    tutor = enrolment(lesson.story.enrolment).tutor
    roles = [(tutor, tracking.tutor, lesson.story.tutor)]
    roles += [(student, tracking.student, stays) for student, stays in lesson.story.students.items()]
    roles += [(guest, _user_type(guest), stays) for guest, stays in lesson.story.guests.items()]
    for user_id, user_type, stays in roles:
        part = _Participation(
            whiteboard_id=lesson.whiteboard_id, lesson_start=lesson.start, user_id=user_id, user_type=user_type
        )
        for stay in stays:
            yield from _events_of_stay(part, stay)


def _user_type(user_id: int) -> tracking.UserType.ValueType:
    return tracking.tutor if person(user_id).role == "tutor" else tracking.student


def _events_of_stay(part: _Participation, stay: Stay) -> Iterator[tracking.PresenceEvent]:
    joins = part.lesson_start + timedelta(minutes=stay.joins)
    leaves = part.lesson_start + timedelta(minutes=stay.leaves)
    yield part.event(stay, tracking.connect, joins)
    for number in range(1, (leaves - joins) // HEARTBEAT_INTERVAL + 1):
        event = part.event(stay, tracking.heartbeat, joins + number * HEARTBEAT_INTERVAL)
        event.activity_type = "heartbeat" if number % HEARTBEATS_PER_STROKE else "draw"
        yield event
    if stay.sends_disconnect:
        yield part.event(stay, tracking.disconnect, leaves)


def _hand_over(event: tracking.PresenceEvent, relay: HeartbeatRelay) -> None:
    role, at = _USER_TYPES[event.user_type], event.observed_at.ToDatetime(UTC)
    session_id, user_id, connection_id = event.session_id, event.user_id, event.connection_id
    if event.kind == tracking.connect:
        relay.connect(session_id=session_id, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    elif event.kind == tracking.disconnect:
        relay.disconnect(session_id=session_id, user_id=user_id, user_type=role, connection_id=connection_id, at=at)
    else:
        relay.heartbeat(
            session_id=session_id,
            user_id=user_id,
            user_type=role,
            activity_type=event.activity_type,
            connection_id=connection_id,
            at=at,
        )
