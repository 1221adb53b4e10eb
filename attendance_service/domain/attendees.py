"""Who was there: the roster against the people of the whiteboard, and the tutor against the students.

docs/suggestions.md#who-is-judged and docs/suggestions.md#held-at-another-time describe both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, product

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts, TimeRanges
from attendance_service.domain.measurement import presence_of, total_duration
from attendance_service.domain.policy import Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Roster
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip, union

#: Less presence outside the window is a visit, not a lesson.
_MIN_NEARBY = timedelta(minutes=1)
#: By how much the arrivals and departures of a lesson that was held earlier or later may differ: not everyone comes and
#: leaves at the same time. All of them are in the same direction, so that hardly any other lesson is doubted.
_SAME_TIME = timedelta(minutes=15)
_NONE = timedelta()


class AttendeeRole(StrEnum):
    """In which role a person is at the whiteboard."""

    TUTOR = "tutor"
    STUDENT = "student"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """A person who was at the whiteboard in the window and is not on the roster."""

    user_id: UserId
    role: AttendeeRole
    intervals: tuple[PresenceInterval, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendees:
    """The people of one role, by the roster and the whiteboard's list (docs/suggestions.md#who-is-judged)."""

    role: AttendeeRole
    #: Who is judged. Of those who are not on the whiteboard's list, nothing may be recorded.
    people: tuple[ParticipantFacts, ...]
    has_people_without_user: bool = False
    #: Were there, but are not on the roster.
    guests: tuple[Guest, ...] = ()
    #: How the whiteboard's people differ from the roster.
    differences: tuple[ReasonCode, ...] = ()

    @property
    def has_people(self) -> bool:
        """Whether the session decides somebody's attendance."""
        return bool(self.people) or self.has_people_without_user

    @property
    def has_substitute(self) -> bool:
        """Whether another tutor was there."""
        return ReasonCode.SUBSTITUTE in self.differences


def tutors_of(facts: SessionFacts, roster: Roster) -> Attendees:
    """Return the tutor, and who else was there as a tutor."""
    if roster.tutor is None:
        listed = tuple(tutor for tutor in facts.tutors if tutor.is_listed)
        return Attendees(role=AttendeeRole.TUTOR, people=listed or facts.tutors)
    return _attendees((roster.tutor,), facts.tutors, facts.window, AttendeeRole.TUTOR)


def students_of(facts: SessionFacts, roster: Roster) -> Attendees:
    """Return the students, and who else was there as a student."""
    if not roster.students and not roster.has_students_without_user:
        return Attendees(role=AttendeeRole.STUDENT, people=facts.students)
    side = _attendees(roster.students, facts.students, facts.window, AttendeeRole.STUDENT)
    return replace(side, has_people_without_user=roster.has_students_without_user)


def was_seen(participant: ParticipantFacts, window: TimeRange[datetime]) -> bool:
    """Return whether someone was there in the window, or is assumed to have been."""
    return bool(clip(presence_of(participant).earliest, window))


def _attendees(
    roster: tuple[UserId, ...],
    at_whiteboard: tuple[ParticipantFacts, ...],
    window: TimeRange[datetime],
    role: AttendeeRole,
) -> Attendees:
    known = {participant.user_id: participant for participant in at_whiteboard}
    others = [participant for participant in at_whiteboard if participant.user_id not in roster]
    seen = [other for other in others if was_seen(other, window)]
    differences = []
    if seen:
        differences.append(ReasonCode.SUBSTITUTE if role is AttendeeRole.TUTOR else ReasonCode.GUEST)
    if any(other.is_listed for other in others if other not in seen):
        differences.append(ReasonCode.OTHERS_ON_WHITEBOARD)
    return Attendees(
        role=role,
        people=tuple(known.get(user, ParticipantFacts(user_id=user, is_listed=False)) for user in roster),
        guests=tuple(Guest(user_id=guest.user_id, role=role, intervals=guest.intervals) for guest in seen),
        differences=tuple(differences),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stay:
    """When the people of one role were there."""

    inside: TimeRanges
    nearby: TimeRanges
    unknown: TimeRanges


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldElsewhere:
    """Signs that the lesson was not held in its window."""

    #: When tutor and students were there together, if nobody came in the window; None: they were not.
    together: TimeRange[datetime] | None = None
    #: Doubts about everyone who was there in the window.
    doubts: tuple[ReasonCode, ...] = ()


def held_elsewhere(
    tutors: Sequence[ParticipantFacts], students: Sequence[ParticipantFacts], facts: SessionFacts, limits: Limits
) -> HeldElsewhere:
    """Return the signs that a lesson was held at another time; none while it runs."""
    if facts.as_of < facts.window.end:
        return HeldElsewhere()
    tutor, student = _stay(tutors, facts), _stay(students, facts)
    if not tutor.inside and not student.inside:
        both = intersection(tutor.nearby, student.nearby)
        is_lesson = total_duration(both) >= _MIN_NEARBY
        return HeldElsewhere(together=TimeRange(both[0].start, both[-1].end) if is_lesson else None)
    if not tutor.inside or not student.inside:
        return HeldElsewhere()
    if not intersection(tutor.inside, student.inside) and not tutor.unknown and not student.unknown:
        return HeldElsewhere(doubts=(ReasonCode.NEVER_TOGETHER,))
    if _is_shifted(tutor, student, facts.window, limits):
        return HeldElsewhere(doubts=(ReasonCode.SHIFTED,))
    return HeldElsewhere()


def time_outside(people: Iterable[ParticipantFacts], facts: SessionFacts) -> timedelta | None:
    """Return how long people were there shortly before or after the window; None if next to never, or it still runs."""
    if facts.as_of < facts.window.end:
        return None
    outside = total_duration(union(chain.from_iterable(person.nearby for person in people)))
    return outside if outside >= _MIN_NEARBY else None


def intersection(some: TimeRanges, others: TimeRanges) -> TimeRanges:
    """Return when both are so; a single point in time counts."""
    # Both ways, because a range clipped to a single point in time is empty.
    return union(
        chain(
            chain.from_iterable(clip(some, other) for other in others),
            chain.from_iterable(clip(others, one) for one in some),
        )
    )


def _stay(people: Sequence[ParticipantFacts], facts: SessionFacts) -> _Stay:
    presences = [presence_of(person) for person in people]
    return _Stay(
        inside=clip(union(chain.from_iterable(presence.earliest for presence in presences)), facts.window),
        nearby=union(chain.from_iterable(person.nearby for person in people)),
        unknown=clip(union(chain.from_iterable(presence.unknown for presence in presences)), facts.window),
    )


def _is_shifted(tutor: _Stay, student: _Stay, window: TimeRange[datetime], limits: Limits) -> bool:
    """Return whether both came and left later than scheduled, or both earlier, by about the same time."""
    possible = [shifts for stay in (tutor, student) for shifts in (_arrivals(stay, window), _departures(stay, window))]
    return any(_is_one_way(shifts, limits) for shifts in product(*possible))


def _is_one_way(shifts: Sequence[timedelta], limits: Limits) -> bool:
    smallest, largest = min(shifts), max(shifts)
    is_far = smallest >= limits.late_from or largest <= -limits.late_from
    return is_far and largest - smallest < _SAME_TIME


def _arrivals(stay: _Stay, window: TimeRange[datetime]) -> list[timedelta]:
    """Return how late they came; negative: how early those may have come who were there when the window began.

    Those who were there with breaks may have come for the lesson at first, or after the last break.
    """
    first = stay.inside[0].start
    before = [span.start for span in stay.nearby if span.start < window.start] if first == window.start else []
    return [start - window.start for start in ((before[0], before[-1]) if before else (first,))]


def _departures(stay: _Stay, window: TimeRange[datetime]) -> list[timedelta]:
    """Return how early they left, as a negative time; else how much longer those stayed who were there at the end."""
    last = stay.inside[-1].end
    after = [span.end for span in stay.nearby if span.end > window.end] if last == window.end else []
    return [end - window.end for end in ((after[0], after[-1]) if after else (last,))]
