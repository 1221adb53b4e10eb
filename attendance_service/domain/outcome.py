"""What became of a lesson: who was there together, and who waited for whom.

docs/suggestions.md#outcome-of-a-lesson and docs/suggestions.md#waiting describe both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from attendance_service.domain.attendees import Attendees, intersection, was_seen
from attendance_service.domain.facts import ParticipantFacts, SessionFacts, TimeRanges
from attendance_service.domain.judgement import Judgement, Reason, reason, written
from attendance_service.domain.measurement import (
    duration,
    presence_of,
    presence_of_class,
    shown_minutes,
    shown_seconds,
    total_duration,
)
from attendance_service.domain.policy import Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence, LessonOutcomeKind
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip, subtract, union

_NONE = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class LessonOutcome:
    """What became of a lesson, or of one student's part in it."""

    kind: LessonOutcomeKind
    #: How long a tutor and a student were there together.
    overlap: timedelta = _NONE
    #: How long those who came on time were alone before the others came.
    tutor_waited: timedelta = _NONE
    student_waited: timedelta = _NONE
    billable: timedelta = _NONE
    #: users.id of the tutor for whom it counts: a substitute who gave the lesson, else the tutor of the roster.
    tutor_user_id: UserId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """What became of a lesson for all its people."""

    lesson: LessonOutcome
    #: The same for each student of the roster alone, as if there were no classmates.
    students: dict[UserId, LessonOutcome]


#: Nobody was to come.
CANCELLED = Outcomes(lesson=LessonOutcome(kind=LessonOutcomeKind.CANCELLED), students={})


def outcomes_of(tutors: Attendees, students: Attendees, facts: SessionFacts, limits: Limits) -> Outcomes:
    """Return what became of a lesson that is over."""
    on_roster = {tutor.user_id for tutor in tutors.people}
    substitutes = [tutor for tutor in facts.tutors if tutor.user_id not in on_roster and was_seen(tutor, facts.window)]
    tutor = _side([*tutors.people, *substitutes], facts, limits, is_known=bool(substitutes))
    ids_of_guests = {guest.user_id for guest in students.guests}
    guests = [participant for participant in facts.students if participant.user_id in ids_of_guests]
    each = {
        student.user_id: _outcome(tutor, _side([student], facts, limits), [student, *guests], facts, limits)
        for student in students.people
    }
    everyone = _side(students.people, facts, limits, lacks_someone=students.has_people_without_user)
    return Outcomes(lesson=_outcome(tutor, everyone, facts.students, facts, limits), students=each)


def time_waited(
    people: Sequence[ParticipantFacts], others: Iterable[ParticipantFacts], facts: SessionFacts, limits: Limits
) -> timedelta | None:
    """Return how long people who came on time were alone before any of the others came; None if they came late.

    Time in which the others could not be seen does not count.
    """
    window = TimeRange(facts.window.start, min(facts.window.end, facts.as_of))
    present = clip(union(chain.from_iterable(presence_of(person).latest for person in people)), window)
    if not present or present[0].start - window.start >= limits.late_from:
        return None
    expected = [presence_of(other) for other in others]
    arrivals = [span.start for other in expected for span in clip(other.earliest, window)]
    alone = clip(present, TimeRange(window.start, min(arrivals, default=window.end)))
    return total_duration(subtract(alone, chain.from_iterable(other.unknown for other in expected)))


def judged_by_waiting(judgement: Judgement, waited: timedelta | None, limits: Limits) -> Judgement:
    """Return that people attended if they waited alone for long enough (docs/suggestions.md#waiting)."""
    is_clear = judgement.status is AttendanceStatus.PRESENT and judgement.confidence is Confidence.HIGH
    if waited is None or judgement.measurement is None or is_clear:
        return judgement
    doubts = _doubts_about_waiting(judgement, waited, limits)
    if waited < limits.no_show_after:
        return judgement.lowered_by(doubts)
    return Judgement(
        status=AttendanceStatus.PRESENT,
        confidence=Confidence.MEDIUM if doubts else Confidence.HIGH,
        reasons=(reason(ReasonCode.WAITED, waited=written(shown_minutes(waited))), *doubts),
        measurement=judgement.measurement,
    )


def _doubts_about_waiting(judgement: Judgement, waited: timedelta, limits: Limits) -> list[Reason]:
    """Return the limits that are so near that crossing one would change the status; all are one step."""
    margin = limits.lateness_margin
    latest = judgement.measurement.latest_arrival.lateness if judgement.measurement else None
    is_near = {
        ReasonCode.NEAR_WAITING_LIMIT: judgement.status is not AttendanceStatus.PRESENT
        and abs(waited - limits.no_show_after) < margin,
        ReasonCode.NEAR_LATENESS_LIMIT: waited >= limits.no_show_after
        and limits.late_from - (latest or _NONE) < margin,
    }
    return [reason(code, margin=str(shown_seconds(margin))) for code, near in is_near.items() if near]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """The tutor with substitutes, or students: all who are expected in one role, and who stood in for them."""

    people: tuple[ParticipantFacts, ...]
    #: Their presence in the window; an arrival that was not observed is taken as early as possible.
    present: TimeRanges
    #: Times in the window at which they may have been there unseen.
    unknown: TimeRanges
    #: Whether so little is known that nothing follows from not having seen them.
    cannot_be_known: bool


def _side(
    people: Sequence[ParticipantFacts],
    facts: SessionFacts,
    limits: Limits,
    *,
    is_known: bool = False,
    lacks_someone: bool = False,
) -> _Side:
    """Return one side; `is_known`: somebody stood in for those of whom nothing is recorded."""
    window = facts.window
    recorded = [person for person in people if person.is_listed or was_seen(person, window)]
    # Of people who may not be at the whiteboard, or have no user, nothing can be recorded.
    lacks_someone = lacks_someone or (len(recorded) < len(people) and not is_known)
    presence = presence_of_class(people, limits.presence_timeout)
    unknown = clip(presence.unknown, window)
    # Where nobody could be seen, their absence says nothing.
    unobserved = union([*unknown, *subtract(clip(facts.observation_gaps, window), presence.earliest)])
    too_much = total_duration(unobserved) * 100 > duration(window) * limits.cannot_know_above_percent
    return _Side(
        people=tuple(people),
        present=clip(presence.earliest, window),
        unknown=unknown,
        cannot_be_known=lacks_someone or too_much,
    )


def _outcome(
    tutor: _Side, student: _Side, company: Sequence[ParticipantFacts], facts: SessionFacts, limits: Limits
) -> LessonOutcome:
    """Return what became of a lesson; `company`: the students and guests with whom a tutor does not wait alone."""
    together = intersection(tutor.present, student.present)
    overlap = total_duration(together)
    tutor_waited = time_waited(tutor.people, company, facts, limits) or _NONE
    student_waited = time_waited(student.people, tutor.people, facts, limits) or _NONE
    kind = LessonOutcomeKind.HELD if together else _kind_apart(tutor, student, tutor_waited, student_waited, limits)
    billable = {
        LessonOutcomeKind.HELD: overlap,
        LessonOutcomeKind.STUDENT_NO_SHOW: min(total_duration(tutor.present), limits.no_show_after),
    }
    return LessonOutcome(
        kind=kind,
        overlap=overlap,
        tutor_waited=tutor_waited,
        student_waited=student_waited,
        billable=billable.get(kind, _NONE),
        tutor_user_id=_tutor_of_lesson(tutor, student, facts.window),
    )


def _kind_apart(
    tutor: _Side, student: _Side, tutor_waited: timedelta, student_waited: timedelta, limits: Limits
) -> LessonOutcomeKind:
    """Return what became of a lesson in which tutor and student were never seen together."""
    if tutor.cannot_be_known or student.cannot_be_known:
        return LessonOutcomeKind.CANNOT_KNOW
    by_arrival = {
        (False, False): LessonOutcomeKind.NOBODY_CAME,
        (True, False): LessonOutcomeKind.STUDENT_NO_SHOW,
        (False, True): LessonOutcomeKind.TUTOR_NO_SHOW,
    }
    came = (bool(tutor.present), bool(student.present))
    if came in by_arrival:
        return by_arrival[came]
    # Both were there, and were not seen at the same time: it counts who waited for long enough.
    if not _may_have_met(tutor, student):
        if tutor_waited >= limits.no_show_after:
            return LessonOutcomeKind.STUDENT_NO_SHOW
        if student_waited >= limits.no_show_after:
            return LessonOutcomeKind.TUTOR_NO_SHOW
    return LessonOutcomeKind.CANNOT_KNOW


def _may_have_met(tutor: _Side, student: _Side) -> bool:
    possible = (union([*side.present, *side.unknown]) for side in (tutor, student))
    return bool(total_duration(intersection(*possible)))


def _tutor_of_lesson(tutor: _Side, student: _Side, window: TimeRange[datetime]) -> UserId | None:
    """Return who was with the students for longest, or else at the whiteboard; the tutor of the roster comes first."""

    def stay(person: ParticipantFacts) -> tuple[timedelta, timedelta]:
        present = clip(presence_of(person).earliest, window)
        return total_duration(intersection(present, student.present)), total_duration(present)

    return max(tutor.people, key=stay).user_id if tutor.people else None
