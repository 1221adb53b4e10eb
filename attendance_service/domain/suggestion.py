"""What the facts of one session suggest about all its people (docs/suggestions.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from attendance_service.domain.attendees import (
    AttendeeRole,
    Attendees,
    Guest,
    HeldElsewhere,
    held_elsewhere,
    students_of,
    time_outside,
    tutors_of,
    was_seen,
)
from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts, TimeRanges
from attendance_service.domain.judgement import Judgement, Reason, judge, reason, unjudged, written
from attendance_service.domain.measurement import (
    Presence,
    measure,
    presence_of_class,
    shown_minutes,
    shown_seconds,
)
from attendance_service.domain.outcome import CANCELLED, Outcomes, judged_by_waiting, outcomes_of, time_waited
from attendance_service.domain.policy import BUILT_IN_VERSION, Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Roster
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from servicekit.etag import etag
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip

#: No enrolment: the people of the whiteboard are judged.
NO_ROSTER = Roster()
_NONE = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSuggestion:
    """What is suggested about one person, or about a class."""

    judgement: Judgement
    #: Presence that touches the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: What they did at the whiteboard, counted by minute of the window: shown, not judged.
    activity: tuple[int, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether confidence is high."""
        return self.judgement.confidence is Confidence.HIGH

    def with_remark(self, code: ReasonCode) -> PersonSuggestion:
        """Return the same with a reason that people should know; nothing else changes."""
        return replace(self, judgement=self.judgement.with_remark(code))


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What is suggested about one session."""

    #: Whether there were whiteboard facts to judge.
    has_whiteboard: bool
    #: The scheduled window; None where there is no schedule.
    window: TimeRange[datetime] | None
    tutor: PersonSuggestion
    #: The student; in a class: whether at least one student attended.
    student: PersonSuggestion
    #: Each student of the roster.
    students: dict[UserId, PersonSuggestion]
    #: Who is judged as the tutor; None: not known.
    tutor_user_id: UserId | None = None
    #: Were at the whiteboard, but belong to another session: judged in none of this.
    guests: tuple[Guest, ...] = ()
    #: The facts may still change.
    provisional: bool
    #: When tutor and students were there together although nobody came in the window; None: they were not.
    seen_together: TimeRange[datetime] | None = None
    #: None: not known yet, or there was nothing to judge.
    outcomes: Outcomes | None = None
    observation_gaps: TimeRanges = ()
    #: The policy by which it was judged.
    policy_version: int = BUILT_IN_VERSION

    @property
    def is_clear(self) -> bool:
        """Whether confidence is high for both."""
        return self.tutor.is_clear and self.student.is_clear

    @property
    def is_of_deleted_facts(self) -> bool:
        """Whether it could not be made anew, because the facts are deleted."""
        return any(reason.code is ReasonCode.FACTS_DELETED for reason in self.tutor.judgement.reasons)

    def with_remark(self, code: ReasonCode) -> Suggestion:
        """Return the same with a reason at everyone; nothing else changes."""
        return replace(
            self,
            tutor=self.tutor.with_remark(code),
            student=self.student.with_remark(code),
            students={user: person.with_remark(code) for user, person in self.students.items()},
        )

    @property
    def students_differ(self) -> bool:
        """Whether one status for the whole class would be wrong, or less certain, for some of its students."""
        return any(reason.code is ReasonCode.STUDENTS_DIFFER for reason in self.student.judgement.reasons)

    @property
    def etag(self) -> str:
        """Changes when a suggested status or confidence does, and with the policy."""
        people = [_shown(self.tutor), _shown(self.student)]
        students = [[user_id, *_shown(person)] for user_id, person in sorted(self.students.items())]
        return etag(self.has_whiteboard, self.provisional, people, students, self.policy_version)

    @property
    def recommendation(self) -> str:
        """One sentence that says what to do."""
        tutor, student = self.tutor.judgement, self.student.judgement
        if not self.has_whiteboard:
            return _recommendation_without_facts(tutor.reasons[0].code)
        people = f"tutor {tutor.status}, {'class' if len(self.students) > 1 else 'student'} {student.status}"
        if self.provisional:
            return f"So far: {people}; wait until the lesson is over and settled before you accept, or mark manually."
        if self.is_clear:
            return f"The facts are clear: {people}; you can accept this."
        if self.seen_together is not None:
            start, end = (f"{time:%H:%M}" for time in (self.seen_together.start, self.seen_together.end))
            return (
                f"Nobody came in the time of the lesson, but tutor and student were there together from {start} to "
                f"{end}: if the session was held then, mark manually."
            )
        if Confidence.LOW in {tutor.confidence, student.confidence}:
            return f"Not sure enough to rely on: {people}; check the reasons and mark manually if you know better."
        return f"Probably {people}; look at the reasons before you accept."


def suggest_without_facts(
    code: ReasonCode, window: TimeRange[datetime] | None, *, provisional: bool = False
) -> Suggestion:
    """Return the suggestion where there is nothing to judge, for the reason that `code` names."""
    person = PersonSuggestion(judgement=unjudged(code))
    return Suggestion(
        has_whiteboard=False,
        window=window,
        tutor=person,
        student=person,
        students={},
        outcomes=CANCELLED if code is ReasonCode.CANCELLED else None,
        provisional=provisional,
    )


def suggest(facts: SessionFacts, limits: Limits, roster: Roster = NO_ROSTER) -> Suggestion:
    """Judge the facts of a window about the roster; of a window that is still running, the part that is over."""
    if facts.window.end <= facts.window.start:
        return suggest_without_facts(ReasonCode.NO_SCHEDULE, None)
    if facts.as_of <= facts.window.start:
        return suggest_without_facts(ReasonCode.NOT_BEGUN, facts.window, provisional=True)
    tutors, students = tutors_of(facts, roster), students_of(facts, roster)
    if not tutors.has_people or not students.has_people:
        return suggest_without_facts(ReasonCode.NO_PARTICIPANT, facts.window)
    lesson = _Lesson(
        facts=facts, limits=limits, held_elsewhere=held_elsewhere(tutors.people, students.people, facts, limits)
    )
    is_provisional = lesson.provisional_reason is not None
    by_student = {student.user_id: _suggestion_for([student], students, lesson) for student in students.people}
    return Suggestion(
        has_whiteboard=True,
        window=facts.window,
        tutor=_suggestion_for(tutors.people, tutors, lesson),
        student=_suggestion_for(students.people, students, lesson, tuple(by_student.values())),
        students=by_student,
        tutor_user_id=tutors.people[0].user_id if tutors.people else None,
        guests=(*tutors.guests, *students.guests),
        seen_together=lesson.held_elsewhere.together,
        outcomes=None if is_provisional else outcomes_of(tutors, students, facts, limits),
        provisional=is_provisional,
        observation_gaps=clip(facts.observation_gaps, facts.window),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lesson:
    """What is the same for all people of a lesson."""

    facts: SessionFacts
    limits: Limits
    held_elsewhere: HeldElsewhere

    @property
    def provisional_reason(self) -> ReasonCode | None:
        """Why the facts may still change, or None if they are settled."""
        as_of, end = self.facts.as_of, self.facts.window.end
        if as_of < end:
            return ReasonCode.RUNNING
        return ReasonCode.SETTLING if as_of < end + self.limits.settling_time else None


def _suggestion_for(
    people: Sequence[ParticipantFacts],
    attendees: Attendees,
    lesson: _Lesson,
    members: Sequence[PersonSuggestion] = (),
) -> PersonSuggestion:
    """Judge one person, or a class; `members` are what is suggested about each student of the class."""
    recorded = [person for person in people if person.is_listed or was_seen(person, lesson.facts.window)]
    doubts = list(attendees.differences)
    if not all(person.is_listed for person in people) or (members and attendees.has_people_without_user):
        doubts.append(ReasonCode.NOT_ON_WHITEBOARD)
    presence = presence_of_class(recorded, lesson.limits.presence_timeout)
    if recorded:
        judgement = _judged(presence, lesson)
    elif attendees.has_substitute:
        judgement = unjudged(ReasonCode.SUBSTITUTE, status=AttendanceStatus.ABSENT)
    else:
        judgement = unjudged(ReasonCode.NOT_ON_WHITEBOARD)
    others = lesson.facts.students if attendees.role is AttendeeRole.TUTOR else lesson.facts.tutors
    waited = time_waited(recorded, others, lesson.facts, lesson.limits)
    judgement = judged_by_waiting(judgement, waited, lesson.limits)
    if judgement.reasons[0].code is not ReasonCode.WAITED:
        judgement = judgement.lowered_by(_signs_of_another_time(judgement, recorded, lesson))
    judgement = judgement.lowered_by(_doubts_about_clock(presence, recorded, lesson))
    provisional = lesson.provisional_reason
    if _differ(judgement.with_doubts(doubts), members, ignore_confidence=provisional is not None):
        doubts.append(ReasonCode.STUDENTS_DIFFER)
    judgement = judgement.with_doubts(doubts)
    return PersonSuggestion(
        judgement=judgement if provisional is None else judgement.with_low_confidence(provisional),
        intervals=presence.intervals,
        activity=_sum_by_minute(person.activity for person in recorded),
    )


def _signs_of_another_time(judgement: Judgement, people: Sequence[ParticipantFacts], lesson: _Lesson) -> list[Reason]:
    if any(was_seen(person, lesson.facts.window) for person in people):
        # Another time would make nobody more than present.
        is_present = judgement.status is AttendanceStatus.PRESENT
        doubts = lesson.held_elsewhere.doubts
        return [reason(code) for code in doubts if not (is_present and code is ReasonCode.SHIFTED)]
    outside = time_outside(people, lesson.facts)
    if outside is None:
        return []
    return [reason(ReasonCode.SEEN_OUTSIDE_WINDOW, outside=written(shown_minutes(outside)))]


def _doubts_about_clock(presence: Presence, people: Sequence[ParticipantFacts], lesson: _Lesson) -> list[Reason]:
    """Return that the reporter's clock was off, if that is much, or if the right time would mean another status."""
    offset = max((person.clock_offset for person in people), key=abs, default=_NONE)
    if not offset:
        return []
    is_decisive = _judged(presence.shifted(-offset), lesson).status is not _judged(presence, lesson).status
    if abs(offset) < lesson.limits.lateness_margin and not is_decisive:
        return []
    return [reason(ReasonCode.CLOCK_OFF, offset=str(shown_seconds(abs(offset))))]


def _differ(of_class: Judgement, members: Iterable[PersonSuggestion], *, ignore_confidence: bool) -> bool:
    """Return whether the status of a class is not that of each student, or less certain for one of them."""
    judgements = [member.judgement for member in members]
    return any(judgement.status is not of_class.status for judgement in judgements) or (
        not ignore_confidence
        and of_class.confidence is Confidence.HIGH
        and any(judgement.confidence is not Confidence.HIGH for judgement in judgements)
    )


def _sum_by_minute(activities: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(counts) for counts in zip_longest(*activities, fillvalue=0))


def _judged(presence: Presence, lesson: _Lesson) -> Judgement:
    measurement = measure(
        presence,
        scheduled=lesson.facts.window,
        as_of=lesson.facts.as_of,
        observation_gaps=lesson.facts.observation_gaps,
        presence_timeout=lesson.limits.presence_timeout,
    )
    return judge(measurement, lesson.limits)


def _shown(person: PersonSuggestion) -> tuple[str, str]:
    return person.judgement.status, person.judgement.confidence


def _recommendation_without_facts(code: ReasonCode) -> str:
    if code is ReasonCode.NOT_BEGUN:
        return "The lesson has not begun; come back when it is over."
    if code is ReasonCode.CANCELLED:
        return "The lesson was cancelled; nothing is suggested."
    return "There are no whiteboard facts to judge; please mark attendance manually."
