"""What the facts of one session suggest about all its people (docs/suggestions.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest

from attendance_service.domain.etag import etag
from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts, TimeRanges
from attendance_service.domain.judgement import Judgement, judge, unjudged
from attendance_service.domain.measurement import Presence, measure, presence_of, presence_of_class
from attendance_service.domain.policy import BUILT_IN_VERSION, Limits
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Roster
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange, clip

#: No enrolment: the people of the whiteboard are judged.
NO_ROSTER = Roster()


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonSuggestion:
    """What is suggested about one person, or about a class."""

    judgement: Judgement
    #: Presence that touches the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: What they did at the whiteboard, counted by minute of the window: shown, not judged.
    activity: tuple[int, ...] = ()


class GuestRole(StrEnum):
    """In which role a guest was at the whiteboard."""

    TUTOR = "tutor"
    STUDENT = "student"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """A person who was at the whiteboard in the window and is not on the roster."""

    user_id: UserId
    role: GuestRole
    intervals: tuple[PresenceInterval, ...]


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
    observation_gaps: TimeRanges = ()
    #: The policy by which it was judged.
    policy_version: int = BUILT_IN_VERSION

    @property
    def is_clear(self) -> bool:
        """Whether confidence is high for both."""
        return {self.tutor.judgement.confidence, self.student.judgement.confidence} == {Confidence.HIGH}

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
            return f"So far: {people}; wait until the session is over and settled before you accept, or mark manually."
        if self.is_clear:
            return f"The facts are clear: {people}; you can accept this."
        if Confidence.LOW in {tutor.confidence, student.confidence}:
            return f"Not sure enough to rely on: {people}; check the reasons and mark manually if you know better."
        return f"Probably {people}; look at the reasons before you accept."


def suggest_without_facts(
    code: ReasonCode, window: TimeRange[datetime] | None, *, provisional: bool = False
) -> Suggestion:
    """Return the suggestion where there is nothing to judge, for the reason that `code` names."""
    person = PersonSuggestion(judgement=unjudged(code))
    return Suggestion(
        has_whiteboard=False, window=window, tutor=person, student=person, students={}, provisional=provisional
    )


def suggest(facts: SessionFacts, limits: Limits, roster: Roster = NO_ROSTER) -> Suggestion:
    """Judge the facts of a window about the roster; of a window that is still running, the part that is over."""
    if facts.window.end <= facts.window.start:
        return suggest_without_facts(ReasonCode.NO_SCHEDULE, None)
    if facts.as_of <= facts.window.start:
        return suggest_without_facts(ReasonCode.NOT_BEGUN, facts.window, provisional=True)
    tutors, students = _tutor_side(facts, roster), _student_side(facts, roster)
    if not tutors.has_people or not students.has_people:
        return suggest_without_facts(ReasonCode.NO_PARTICIPANT, facts.window)
    by_student = {student.user_id: _suggestion_for([student], students, facts, limits) for student in students.people}
    return Suggestion(
        has_whiteboard=True,
        window=facts.window,
        tutor=_suggestion_for(tutors.people, tutors, facts, limits),
        student=_suggestion_for(students.people, students, facts, limits, tuple(by_student.values())),
        students=by_student,
        tutor_user_id=tutors.people[0].user_id if tutors.people else None,
        guests=(*tutors.guests, *students.guests),
        provisional=_provisional_reason(facts, limits) is not None,
        observation_gaps=clip(facts.observation_gaps, facts.window),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """The people of one role, by the roster and the whiteboard's list (docs/suggestions.md#who-is-judged)."""

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


def _tutor_side(facts: SessionFacts, roster: Roster) -> _Side:
    if roster.tutor is None:
        listed = tuple(tutor for tutor in facts.tutors if tutor.is_listed)
        return _Side(people=listed or facts.tutors)
    return _side((roster.tutor,), facts.tutors, facts.window, GuestRole.TUTOR)


def _student_side(facts: SessionFacts, roster: Roster) -> _Side:
    if not roster.students and not roster.has_students_without_user:
        return _Side(people=facts.students)
    side = _side(roster.students, facts.students, facts.window, GuestRole.STUDENT)
    return replace(side, has_people_without_user=roster.has_students_without_user)


def _side(
    roster: tuple[UserId, ...],
    at_whiteboard: tuple[ParticipantFacts, ...],
    window: TimeRange[datetime],
    role: GuestRole,
) -> _Side:
    known = {participant.user_id: participant for participant in at_whiteboard}
    others = [participant for participant in at_whiteboard if participant.user_id not in roster]
    seen = [other for other in others if _was_seen(other, window)]
    differences = []
    if seen:
        differences.append(ReasonCode.SUBSTITUTE if role is GuestRole.TUTOR else ReasonCode.GUEST)
    if any(other.is_listed for other in others if other not in seen):
        differences.append(ReasonCode.OTHERS_ON_WHITEBOARD)
    return _Side(
        people=tuple(known.get(user, ParticipantFacts(user_id=user, is_listed=False)) for user in roster),
        guests=tuple(Guest(user_id=guest.user_id, role=role, intervals=guest.intervals) for guest in seen),
        differences=tuple(differences),
    )


def _was_seen(participant: ParticipantFacts, window: TimeRange[datetime]) -> bool:
    return bool(clip(presence_of(participant).earliest, window))


def _suggestion_for(
    people: Sequence[ParticipantFacts],
    side: _Side,
    facts: SessionFacts,
    limits: Limits,
    members: Sequence[PersonSuggestion] = (),
) -> PersonSuggestion:
    """Judge one person, or a class; `members` are what is suggested about each student of the class."""
    recorded = [person for person in people if person.is_listed or _was_seen(person, facts.window)]
    doubts = list(side.differences)
    if not all(person.is_listed for person in people) or (members and side.has_people_without_user):
        doubts.append(ReasonCode.NOT_ON_WHITEBOARD)
    presence = presence_of_class(recorded, limits.presence_timeout)
    if recorded:
        judgement = _judged(presence, facts, limits)
    elif side.has_substitute:
        judgement = unjudged(ReasonCode.SUBSTITUTE, status=AttendanceStatus.ABSENT)
    else:
        judgement = unjudged(ReasonCode.NOT_ON_WHITEBOARD)
    provisional = _provisional_reason(facts, limits)
    if _differ(judgement.with_doubts(doubts), members, ignore_confidence=provisional is not None):
        doubts.append(ReasonCode.STUDENTS_DIFFER)
    judgement = judgement.with_doubts(doubts)
    return PersonSuggestion(
        judgement=judgement if provisional is None else judgement.with_low_confidence(provisional),
        intervals=presence.intervals,
        activity=_sum_by_minute(person.activity for person in recorded),
    )


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


def _judged(presence: Presence, facts: SessionFacts, limits: Limits) -> Judgement:
    measurement = measure(
        presence,
        scheduled=facts.window,
        as_of=facts.as_of,
        observation_gaps=facts.observation_gaps,
        presence_timeout=limits.presence_timeout,
    )
    return judge(measurement, limits)


def _provisional_reason(facts: SessionFacts, limits: Limits) -> ReasonCode | None:
    """Return why the facts may still change, or None if they are settled."""
    if facts.as_of < facts.window.end:
        return ReasonCode.RUNNING
    if facts.as_of < facts.window.end + limits.settling_time:
        return ReasonCode.SETTLING
    return None


def _shown(person: PersonSuggestion) -> tuple[str, str]:
    return person.judgement.status, person.judgement.confidence


def _recommendation_without_facts(code: ReasonCode) -> str:
    if code is ReasonCode.NOT_BEGUN:
        return "The session has not begun; come back when it is over."
    if code is ReasonCode.CANCELLED:
        return "The session was cancelled; nothing is suggested."
    return "There are no whiteboard facts to judge; please mark attendance manually."
