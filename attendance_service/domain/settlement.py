"""What is written down about a session that has settled (docs/suggestions.md#settling)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from attendance_service.domain.judgement import Judgement, Reason
from attendance_service.domain.measurement import shown_seconds
from attendance_service.domain.outcome import LessonOutcome
from attendance_service.domain.personal_data import ERASED_TEXT
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import Schedule, TutoringSession
from attendance_service.domain.suggestion import PersonSuggestion, Suggestion
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence, LessonOutcomeKind
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId

_DAY = timedelta(days=1)
#: By then most of what relays held back in a short outage has come.
_FIRST_RECHECK = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledJudgement:
    """What is suggested about one person, or about a class."""

    status: AttendanceStatus
    confidence: Confidence
    #: Codes; the rule that decided comes first.
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledStudent:
    """One student of the roster."""

    #: None: the whiteboard names a user who has no profile.
    student_id: StudentProfileId | None
    #: None: the profile has no user.
    user_id: UserId | None
    #: None: nothing is suggested about them alone.
    judgement: SettledJudgement | None = None
    #: Both inside the window; None: not measured, or they never came.
    active_seconds: int | None = None
    lateness_seconds: int | None = None
    #: None: nothing was judged about them.
    outcome: LessonOutcome | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledSuggestion:
    """The suggestion about one session, as it was when the session was judged last."""

    has_whiteboard: bool
    tutor: SettledJudgement
    student: SettledJudgement
    #: In the order of the roster.
    students: tuple[SettledStudent, ...]
    recommendation: str
    etag: str
    policy_version: int
    judged_at: datetime
    #: When it was judged anew with another result; None: never.
    changed_at: datetime | None = None
    #: What became of the lesson; None: there was nothing to judge.
    outcome: LessonOutcome | None = None
    #: The tutor's presence and lateness in the window; None: not measured, or the tutor never came.
    tutor_active_minutes: float | None = None
    tutor_lateness_minutes: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FinalSuggestion:
    """A suggestion that no late report can change any more."""

    suggestion: SettledSuggestion
    #: As it was shown, in plain JSON values.
    document: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What a session was judged by, besides facts: if it differs from the session now, the session is judged anew."""

    schedule: Schedule
    enrolment_id: int | None
    is_cancelled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """A session's roster and its suggestion, to be written down."""

    session_id: TutoringSessionId
    basis: Basis
    #: tutor_profiles.id of the roster's tutor.
    tutor_id: int | None
    tutor_user_id: UserId | None
    #: users.id of the tutor whom the whiteboard names: another one is a substitute.
    whiteboard_tutor: UserId | None
    #: users.id of the students whom the whiteboard names.
    whiteboard_students: frozenset[UserId]
    suggestion: SettledSuggestion
    #: The suggestion as it was shown, in plain JSON values: the evidence of a decision.
    document: Mapping[str, Any]
    #: When to judge it again, because late reports may come; None: they are over, so the facts are final.
    recheck_at: datetime | None


def suggestion_as_settled(settled: SettledSuggestion) -> Suggestion | None:
    """Return the suggestion as far as it is written down, to accept it; None if it can't be read as it was meant.

    It has no window, no measurements and no sentences.
    """
    suggestion = Suggestion(
        has_whiteboard=settled.has_whiteboard,
        window=None,
        tutor=_person(settled.tutor),
        student=_person(settled.student),
        students={
            student.user_id: _person(student.judgement)
            for student in settled.students
            if student.user_id is not None and student.judgement is not None
        },
        provisional=False,
        policy_version=settled.policy_version,
    )
    # The hash covers the ids of students: it goes with whoever is erased.
    return suggestion if settled.etag in {suggestion.etag, ERASED_TEXT} else None


def is_over(session: TutoringSession, *, now: datetime, zone: tzinfo, settling_time: timedelta) -> bool:
    """Return whether the session's time is over, and the settling time too.

    A session without times of its own is over when its day is. Without a day, only its whiteboard knows.
    """
    schedule = session.schedule
    window, begins_at = schedule.window(zone), schedule.begins_at(zone)
    if window is None and begins_at is None:
        return schedule.whiteboard_id is not None
    ends_at = window.end if window is not None else begins_at + _DAY if begins_at is not None else now
    return now >= ends_at + settling_time


def is_settled(session: TutoringSession, suggestion: Suggestion) -> bool:
    """Return whether the suggestion about a session that is over will stay, apart from late reports."""
    if suggestion.provisional:
        return False
    # Without a day, it takes place when its whiteboard says; if that does not say so yet, it may later.
    return session.schedule.day is not None or ReasonCode.NO_SCHEDULE not in _codes(suggestion.tutor.judgement)


def settlement_of(
    session: TutoringSession,
    suggestion: Suggestion,
    document: Mapping[str, Any],
    *,
    judged_at: datetime,
    backfill_limit: timedelta,
) -> Settlement:
    """Return what to write down; `judged_at` is a time before the facts were read."""
    enrolment = session.enrolment
    return Settlement(
        session_id=session.id,
        basis=basis_of(session),
        tutor_id=enrolment.tutor_id,
        tutor_user_id=enrolment.tutor_user_id or suggestion.tutor_user_id,
        whiteboard_tutor=enrolment.whiteboard_tutor,
        whiteboard_students=enrolment.whiteboard_students,
        suggestion=SettledSuggestion(
            has_whiteboard=suggestion.has_whiteboard,
            tutor=_settled(suggestion.tutor.judgement),
            student=_settled(suggestion.student.judgement),
            students=_students(session, suggestion),
            recommendation=suggestion.recommendation,
            etag=suggestion.etag,
            policy_version=suggestion.policy_version,
            judged_at=judged_at,
            outcome=None if suggestion.outcomes is None else suggestion.outcomes.lesson,
        ),
        document=document,
        recheck_at=_recheck_at(session, suggestion, judged_at, backfill_limit),
    )


def basis_of(session: TutoringSession) -> Basis:
    """Return what the session is judged by now."""
    return Basis(schedule=session.schedule, enrolment_id=session.enrolment.id, is_cancelled=session.is_cancelled)


def _recheck_at(
    session: TutoringSession, suggestion: Suggestion, judged_at: datetime, backfill_limit: timedelta
) -> datetime | None:
    """Return when to judge again; None if no relay can report about the session any more.

    Late reports become fewer with time: so the time since the end doubles until they are over.
    """
    if session.schedule.whiteboard_id is None or session.is_cancelled or suggestion.window is None:
        return None
    final_at = suggestion.window.end + backfill_limit
    if final_at <= judged_at:
        return None
    return min(final_at, judged_at + max(_FIRST_RECHECK, judged_at - suggestion.window.end))


def _students(session: TutoringSession, suggestion: Suggestion) -> tuple[SettledStudent, ...]:
    """Return the students of the roster, or those of the whiteboard if the enrolment names none."""
    profiles = session.enrolment.profiles
    if session.enrolment.students_are_whiteboards or not session.enrolment.students:
        # Not all of them have a profile.
        users = dict.fromkeys((*suggestion.students, *profiles))
        return tuple(_student(profiles.get(user), user, suggestion) for user in users)
    listed = (enrolled.student for enrolled in session.enrolment.students)
    # Once it is settled, the roster may hold users without a profile.
    others = (user for user in session.enrolment.roster.students if user not in profiles)
    return (
        *(_student(student.id, student.user_id, suggestion) for student in listed),
        *(_student(None, user, suggestion) for user in others),
    )


def _student(student_id: StudentProfileId | None, user: UserId | None, suggestion: Suggestion) -> SettledStudent:
    person = None if user is None else suggestion.students.get(user)
    return SettledStudent(
        student_id=student_id,
        user_id=user,
        judgement=None if person is None else _settled(person.judgement),
        active_seconds=_active_seconds(person),
        lateness_seconds=_lateness_seconds(person),
        outcome=_outcome(user, suggestion),
    )


def _outcome(user: UserId | None, suggestion: Suggestion) -> LessonOutcome | None:
    outcomes = suggestion.outcomes
    if outcomes is None or outcomes.lesson.kind is LessonOutcomeKind.CANCELLED:
        return None if outcomes is None else outcomes.lesson
    return None if user is None else outcomes.students.get(user)


def _person(settled: SettledJudgement) -> PersonSuggestion:
    reasons = tuple(Reason(code=ReasonCode(code), sentence="") for code in settled.reasons)
    return PersonSuggestion(judgement=Judgement(status=settled.status, confidence=settled.confidence, reasons=reasons))


def _active_seconds(person: PersonSuggestion | None) -> int | None:
    if person is None or person.judgement.measurement is None:
        return None
    return shown_seconds(person.judgement.measurement.active)


def _lateness_seconds(person: PersonSuggestion | None) -> int | None:
    if person is None or person.judgement.measurement is None or person.judgement.measurement.lateness is None:
        return None
    return shown_seconds(person.judgement.measurement.lateness)


def _settled(judgement: Judgement) -> SettledJudgement:
    return SettledJudgement(status=judgement.status, confidence=judgement.confidence, reasons=tuple(_codes(judgement)))


def _codes(judgement: Judgement) -> list[str]:
    return [reason.code.value for reason in judgement.reasons]
