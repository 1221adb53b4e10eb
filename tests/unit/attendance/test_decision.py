from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.attendance_record import UNDECIDED, AttendanceRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.deciding import decide
from attendance_service.domain.decision import Decision, MarkRequest, StudentDecision
from attendance_service.domain.decision_checks import (
    require_acceptable,
    require_begun,
    require_permission,
    require_unchanged,
)
from attendance_service.domain.errors import (
    AttendanceChanged,
    NotesWithoutDecision,
    NothingToAccept,
    ParentsReportTheirChild,
    SessionCancelled,
    SessionChanged,
    SessionNotBegun,
    SessionNotFound,
    StudentsDoNotDecide,
    SubstitutesMarkStudents,
    SuggestionChanged,
    SuggestionProvisional,
)
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import (
    EnrolledStudent,
    Enrolment,
    Schedule,
    Student,
    TutoringSession,
)
from attendance_service.domain.suggestion import suggest_without_facts
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus
from servicekit.errors import DomainError
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId
from tests.unit.attendance.build import STUDENT, TUTOR, at, facts_about, suggested, there, tutor

ADDIS = ZoneInfo("Africa/Addis_Ababa")
ID = TutoringSessionId(1)
ABSENT = AttendanceStatus.ABSENT
TUTOR_CALLER = Caller(user_id=TUTOR, role=CallerRole.TUTOR)
STUDENT_CALLER = Caller(user_id=STUDENT, role=CallerRole.STUDENT)
PARENT_CALLER = Caller(user_id=UserId(301), role=CallerRole.PARENT)
ADMIN_CALLER = Caller(user_id=UserId(1), role=CallerRole.ADMIN)
UNMARKED = AttendanceRecord(
    tutor_status="present",
    student_status="present",
    source="system_default",
    tutor_source="system_default",
    student_source="system_default",
    notes=None,
    marked_by=None,
    marked_at=None,
    last_decision_id=None,
)
MARKED = replace(UNMARKED, source="manual", marked_by=TUTOR, marked_at=at(), last_decision_id=1)
LEARNER = Student(id=StudentProfileId(21), user_id=STUDENT, name="")
SESSION = TutoringSession(
    id=ID,
    schedule=Schedule(day=date(2026, 3, 2), start=time(10), end=time(11), whiteboard_id=WhiteboardSessionId(7)),
    status="completed",
    course_name="Mathematics",
    tutor_name="",
    attendance=UNMARKED,
    enrolment=Enrolment(
        caller_is_tutor=True,
        students=(EnrolledStudent(student=LEARNER, is_caller=True, is_child_of_caller=True),),
        student_count=1,
    ),
)
STRANGERS = Enrolment(
    caller_is_tutor=False,
    students=(EnrolledStudent(student=LEARNER, is_caller=False, is_child_of_caller=False),),
    student_count=1,
)
EXPLICIT = MarkRequest(session_id=ID, tutor_status=ABSENT, student_status=ABSENT)
REPORT = MarkRequest(session_id=ID, student_status=ABSENT, notes="Fever")
ACCEPT = MarkRequest(session_id=ID, use_suggestion=True)
NOTES = MarkRequest(session_id=ID, notes="Moved house")


def of_class(size: int) -> TutoringSession:
    return replace(SESSION, enrolment=replace(SESSION.enrolment, student_count=size))


@pytest.mark.parametrize("caller", [TUTOR_CALLER, STUDENT_CALLER, PARENT_CALLER])
def test_a_caller_does_not_decide_on_a_session_that_is_not_theirs(caller: Caller) -> None:
    with pytest.raises(SessionNotFound):
        require_permission(EXPLICIT, replace(SESSION, enrolment=STRANGERS), caller)


def test_an_admin_decides_on_any_session() -> None:
    require_permission(EXPLICIT, replace(SESSION, enrolment=STRANGERS), ADMIN_CALLER)


@pytest.mark.parametrize("mark", [EXPLICIT, REPORT, ACCEPT, NOTES])
def test_students_do_not_decide(mark: MarkRequest) -> None:
    with pytest.raises(StudentsDoNotDecide):
        require_permission(mark, SESSION, STUDENT_CALLER)


def test_a_parent_reports_their_child() -> None:
    require_permission(REPORT, SESSION, PARENT_CALLER)


@pytest.mark.parametrize("mark", [EXPLICIT, MarkRequest(session_id=ID, tutor_status=ABSENT), ACCEPT, NOTES])
def test_a_parent_decides_on_nothing_but_their_child_s_status(mark: MarkRequest) -> None:
    with pytest.raises(ParentsReportTheirChild):
        require_permission(mark, SESSION, PARENT_CALLER)


def test_a_parent_reports_their_child_also_in_a_class() -> None:
    require_permission(REPORT, of_class(2), PARENT_CALLER)


SUBSTITUTED = replace(SESSION, enrolment=replace(STRANGERS, caller_is_substitute=True))


def test_a_substitute_marks_the_students() -> None:
    require_permission(REPORT, SUBSTITUTED, TUTOR_CALLER)


@pytest.mark.parametrize("mark", [EXPLICIT, MarkRequest(session_id=ID, tutor_status=ABSENT), ACCEPT, NOTES])
def test_a_substitute_decides_on_nothing_but_the_students(mark: MarkRequest) -> None:
    with pytest.raises(SubstitutesMarkStudents):
        require_permission(mark, SUBSTITUTED, TUTOR_CALLER)


def test_a_session_can_be_marked_from_its_start_on() -> None:
    for now in (at(0), at(90)):
        require_begun(SESSION, now=now, zone=ADDIS)
    with pytest.raises(SessionNotBegun):
        require_begun(SESSION, now=at(-1), zone=ADDIS)


def test_a_session_without_times_of_its_own_can_be_marked_from_its_day_on() -> None:
    timeless = replace(SESSION, schedule=replace(SESSION.schedule, start=None))
    require_begun(timeless, now=datetime(2026, 3, 2, tzinfo=ADDIS), zone=ADDIS)
    with pytest.raises(SessionNotBegun):
        require_begun(timeless, now=datetime(2026, 3, 1, 23, 59, tzinfo=ADDIS), zone=ADDIS)


def test_a_session_without_a_day_can_be_marked_at_any_time() -> None:
    require_begun(replace(SESSION, schedule=replace(SESSION.schedule, day=None)), now=at(-9999), zone=ADDIS)


@pytest.mark.parametrize("caller", [TUTOR_CALLER, PARENT_CALLER, ADMIN_CALLER])
def test_a_cancelled_session_is_not_marked(caller: Caller) -> None:
    with pytest.raises(SessionCancelled):
        require_permission(REPORT, replace(SESSION, status="cancelled"), caller)


@pytest.mark.parametrize("status", ["scheduled", "in-progress", "completed", "missed", ""])
def test_a_tutor_marks_a_session_in_any_other_state(status: str) -> None:
    require_permission(EXPLICIT, replace(SESSION, status=status), TUTOR_CALLER)


@pytest.mark.parametrize(
    ("caller", "source"),
    [
        (TUTOR_CALLER, AttendanceSource.MANUAL),
        (PARENT_CALLER, AttendanceSource.PARENT_REPORTED),
        (ADMIN_CALLER, AttendanceSource.ADMIN_OVERRIDE),
    ],
)
def test_the_source_follows_from_the_role(caller: Caller, source: AttendanceSource) -> None:
    assert decide(REPORT, SESSION, caller, None) == Decision(
        source=source,
        tutor_status=None,
        student_status=ABSENT,
        notes="Fever",
        students=(StudentDecision(student=LEARNER, before=UNDECIDED, source=source, status=ABSENT),),
    )


@pytest.mark.parametrize("caller", [TUTOR_CALLER, ADMIN_CALLER])
def test_an_accepted_suggestion_decides_on_both(caller: Caller) -> None:
    accepted = suggested(tutor(there(0, 60)), facts_about(there(10, 60)))
    assert decide(replace(ACCEPT, notes="ok"), SESSION, caller, accepted) == Decision(
        source=AttendanceSource.WHITEBOARD_AUTO,
        tutor_status=AttendanceStatus.PRESENT,
        student_status=AttendanceStatus.LATE,
        notes="ok",
        students=(
            StudentDecision(
                student=LEARNER,
                before=UNDECIDED,
                source=AttendanceSource.WHITEBOARD_AUTO,
                status=AttendanceStatus.LATE,
            ),
        ),
    )


def test_notes_alone_need_a_session_that_is_marked() -> None:
    with pytest.raises(NotesWithoutDecision):
        decide(NOTES, SESSION, TUTOR_CALLER, None)


def test_notes_alone_decide_on_no_status() -> None:
    decision = decide(NOTES, replace(SESSION, attendance=MARKED), ADMIN_CALLER, None)
    assert not decision.decides_a_status
    assert (decision.source, decision.notes) == (AttendanceSource.ADMIN_OVERRIDE, "Moved house")


def test_a_suggestion_can_be_accepted_with_the_etag_that_was_shown() -> None:
    suggestion = suggested(tutor(there(0, 60)), facts_about())
    require_acceptable(replace(ACCEPT, suggestion_etag=suggestion.etag), suggestion, SESSION)


def test_a_suggestion_can_be_accepted_without_an_etag() -> None:
    require_acceptable(ACCEPT, suggested(tutor(there(0, 60)), facts_about()), SESSION)


def test_a_suggestion_that_has_changed_cannot_be_accepted() -> None:
    shown = suggested(tutor(there(0, 60)), facts_about())
    with pytest.raises(SuggestionChanged):
        require_acceptable(
            replace(ACCEPT, suggestion_etag=shown.etag),
            suggested(tutor(there(0, 60)), facts_about(there(10, 60))),
            SESSION,
        )


@pytest.mark.parametrize("code", [ReasonCode.NO_WHITEBOARD, ReasonCode.WHITEBOARD_UNKNOWN, ReasonCode.NO_SCHEDULE])
def test_without_facts_there_is_nothing_to_accept(code: ReasonCode) -> None:
    with pytest.raises(NothingToAccept):
        require_acceptable(ACCEPT, suggest_without_facts(code, None), SESSION)


@pytest.mark.parametrize("now", [-1, 30, 61])
def test_a_provisional_suggestion_cannot_be_accepted(now: float) -> None:
    with pytest.raises(SuggestionProvisional):
        require_acceptable(ACCEPT, suggested(tutor(there(0, 60)), facts_about(), as_of=at(now)), SESSION)


def test_a_mark_with_the_current_etag_is_accepted() -> None:
    require_unchanged(replace(EXPLICIT, attendance_etag=UNMARKED.etag), SESSION, SESSION, TUTOR_CALLER)


@pytest.mark.parametrize(
    "now",
    [
        MARKED,
        replace(UNMARKED, last_decision_id=1),
        replace(UNMARKED, student_status="absent"),
        replace(UNMARKED, notes="x"),
    ],
)
def test_a_mark_is_refused_if_the_record_has_changed_in_any_way(now: AttendanceRecord) -> None:
    mark = replace(EXPLICIT, attendance_etag=UNMARKED.etag)
    with pytest.raises(AttendanceChanged):
        require_unchanged(mark, replace(SESSION, attendance=now), SESSION, TUTOR_CALLER)


#: The session as it was when its suggestion was shown.
MOVED = replace(SESSION, schedule=replace(SESSION.schedule, start=time(9)))
WITH_ANOTHER_TUTOR = replace(SESSION, enrolment=replace(SESSION.enrolment, tutor_user_id=UserId(102)))


@pytest.mark.parametrize("shown", [MOVED, WITH_ANOTHER_TUTOR])
def test_a_suggestion_is_not_accepted_for_a_session_that_was_changed(shown: TutoringSession) -> None:
    with pytest.raises(SessionChanged):
        require_unchanged(ACCEPT, SESSION, shown, TUTOR_CALLER)


def test_a_manual_mark_is_accepted_also_for_a_session_that_was_moved() -> None:
    require_unchanged(EXPLICIT, SESSION, MOVED, TUTOR_CALLER)


def test_a_student_sees_only_their_own_facts() -> None:
    assert SESSION.visible_students(STUDENT_CALLER) == frozenset({STUDENT})


def test_a_parent_sees_only_the_facts_of_their_children() -> None:
    assert SESSION.visible_students(PARENT_CALLER) == frozenset({STUDENT})


def test_tutors_and_admins_see_everyone_s_facts() -> None:
    assert SESSION.visible_students(TUTOR_CALLER) is None
    assert SESSION.visible_students(ADMIN_CALLER) is None


@pytest.mark.parametrize(
    "error", [SessionNotFound, SuggestionProvisional, SuggestionChanged, AttendanceChanged, NothingToAccept]
)
def test_every_refusal_says_what_to_do(error: type[DomainError]) -> None:
    assert ":" in error().message
