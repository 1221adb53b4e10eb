from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.absence_notices import AbsenceRequest, NewNotice, announce
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import (
    AbsenceNotYours,
    NothingAnnounced,
    NotOnRoster,
    SessionBegun,
    SessionCancelled,
    SessionNotFound,
)
from attendance_service.domain.session import AnnouncedAbsences, Enrolment
from attendance_service.domain.student_reference import UNNAMED, StudentReference
from attendance_service.wire.absence_notices import absence_request
from attendance_service.wire.free_texts import FreeTexts
from servicekit.errors import DomainError, InvalidArgument
from servicekit.identifiers import UserId
from tests.unit.attendance.lesson import (
    ADDIS,
    BEGINS_AT,
    CHILD,
    CLASSMATE,
    ID,
    NOBODY,
    OF_PARENT,
    OF_STUDENT,
    OF_SUBSTITUTE,
    OF_TUTOR,
    SESSION,
)

BEFORE = BEGINS_AT - timedelta(seconds=1)
ABOUT_CHILD = AbsenceRequest(session_id=ID, student=StudentReference(student_id=CHILD.id), reason="Fever")
ABOUT_CLASSMATE = replace(ABOUT_CHILD, student=StudentReference(student_id=CLASSMATE.id))
ABOUT_TUTOR = replace(ABOUT_CHILD, student=UNNAMED, about_tutor=True)


def announced(
    request: AbsenceRequest,
    enrolment: Enrolment = OF_TUTOR,
    role: CallerRole = CallerRole.TUTOR,
    *,
    now: datetime = BEFORE,
    **changes: object,
) -> NewNotice:
    session = replace(SESSION, enrolment=enrolment, **changes)  # type: ignore[arg-type]
    return announce(request, session, Caller(user_id=UserId(1), role=role), now=now, zone=ADDIS)


@pytest.mark.parametrize(
    ("enrolment", "role", "request_"),
    [
        (OF_PARENT, CallerRole.PARENT, ABOUT_CHILD),
        (OF_PARENT, CallerRole.PARENT, replace(ABOUT_CHILD, student=UNNAMED)),
        (OF_PARENT, CallerRole.PARENT, replace(ABOUT_CHILD, student=StudentReference(user_id=UserId(201)))),
        (OF_TUTOR, CallerRole.TUTOR, ABOUT_CHILD),
        (OF_TUTOR, CallerRole.TUTOR, ABOUT_CLASSMATE),
        (OF_TUTOR, CallerRole.TUTOR, ABOUT_TUTOR),
        (OF_SUBSTITUTE, CallerRole.TUTOR, ABOUT_CHILD),
        (NOBODY, CallerRole.ADMIN, ABOUT_CHILD),
        (NOBODY, CallerRole.ADMIN, ABOUT_TUTOR),
    ],
)
def test_who_may_announce_whose_absence(enrolment: Enrolment, role: CallerRole, request_: AbsenceRequest) -> None:
    announcement = announced(request_, enrolment, role)
    student = CLASSMATE if request_ is ABOUT_CLASSMATE else CHILD
    assert announcement.student == (None if request_.about_tutor else student)
    assert (announcement.reason, announcement.withdrawn, announcement.is_new) == ("Fever", False, True)


@pytest.mark.parametrize(
    ("enrolment", "role", "request_", "error"),
    [
        (OF_PARENT, CallerRole.PARENT, ABOUT_TUTOR, AbsenceNotYours),
        (OF_PARENT, CallerRole.PARENT, ABOUT_CLASSMATE, NotOnRoster),
        (OF_SUBSTITUTE, CallerRole.TUTOR, ABOUT_TUTOR, AbsenceNotYours),
        (OF_STUDENT, CallerRole.STUDENT, ABOUT_CHILD, AbsenceNotYours),
        (NOBODY, CallerRole.STUDENT, ABOUT_CHILD, SessionNotFound),
        (NOBODY, CallerRole.PARENT, ABOUT_CHILD, SessionNotFound),
        (NOBODY, CallerRole.TUTOR, ABOUT_TUTOR, SessionNotFound),
        (NOBODY, CallerRole.ADMIN, replace(ABOUT_CHILD, student=UNNAMED), NotOnRoster),
    ],
)
def test_who_may_not(
    enrolment: Enrolment, role: CallerRole, request_: AbsenceRequest, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        announced(request_, enrolment, role)


def test_it_is_too_late_when_the_session_begins() -> None:
    with pytest.raises(SessionBegun):
        announced(ABOUT_TUTOR, now=BEGINS_AT)


@pytest.mark.parametrize("status", ["in-progress", "completed", "missed"])
def test_of_a_session_without_a_day_the_platform_says_whether_it_has_begun(status: str) -> None:
    undated = replace(SESSION.schedule, day=None)
    assert announced(ABOUT_TUTOR, schedule=undated).is_new
    with pytest.raises(SessionBegun):
        announced(ABOUT_TUTOR, schedule=undated, status=status)


def test_nobody_is_expected_at_a_cancelled_session() -> None:
    with pytest.raises(SessionCancelled):
        announced(ABOUT_TUTOR, status="cancelled")


def test_the_same_notice_twice_is_recorded_once_and_another_reason_replaces_it() -> None:
    standing = AnnouncedAbsences(students={CHILD.id: "Fever"})
    assert not announced(ABOUT_CHILD, absences=standing).is_new
    assert announced(replace(ABOUT_CHILD, reason="Flu"), absences=standing).is_new
    assert announced(ABOUT_TUTOR, absences=standing).is_new


def test_only_what_is_announced_can_be_withdrawn() -> None:
    withdrawal = replace(ABOUT_TUTOR, reason="", withdrawn=True)
    assert announced(withdrawal, absences=AnnouncedAbsences(tutor="Fever")).is_new
    with pytest.raises(NothingAnnounced):
        announced(withdrawal, absences=AnnouncedAbsences(students={CHILD.id: "Fever"}))


@pytest.mark.parametrize(
    ("fields", "role", "field"),
    [
        ({"session_id": 0, "about_tutor": True, "reason": "x"}, CallerRole.TUTOR, "session_id"),
        ({"session_id": 1, "reason": "x"}, CallerRole.TUTOR, "student_id"),
        ({"session_id": 1, "reason": "x"}, CallerRole.ADMIN, "student_id"),
        ({"session_id": 1, "student_id": 0, "reason": "x"}, CallerRole.TUTOR, "student_id"),
        ({"session_id": 1, "user_id": -1, "reason": "x"}, CallerRole.TUTOR, "user_id"),
        ({"session_id": 1, "user_id": 1, "student_id": 1, "reason": "x"}, CallerRole.TUTOR, "user_id"),
        ({"session_id": 1, "user_id": 1, "about_tutor": True, "reason": "x"}, CallerRole.TUTOR, "about_tutor"),
        ({"session_id": 1}, CallerRole.PARENT, "reason"),
        ({"session_id": 1, "reason": " \n\t"}, CallerRole.PARENT, "reason"),
        ({"session_id": 1, "reason": "x" * 2001}, CallerRole.PARENT, "reason"),
        ({"session_id": 1, "reason": "x\x00"}, CallerRole.PARENT, "reason"),
    ],
)
def test_an_invalid_request_names_the_field(fields: dict[str, object], role: CallerRole, field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        absence_request(pb.AnnounceAbsenceRequest(**fields), Caller(user_id=UserId(1), role=role), FreeTexts())  # type: ignore[arg-type]
    assert [violation.field for violation in refused.value.violations] == [field]


def test_a_withdrawal_needs_no_reason_and_blanks_around_one_are_dropped() -> None:
    parent = Caller(user_id=UserId(1), role=CallerRole.PARENT)
    assert absence_request(pb.AnnounceAbsenceRequest(session_id=1, withdrawn=True), parent, FreeTexts()).reason == ""
    assert (
        absence_request(pb.AnnounceAbsenceRequest(session_id=1, reason=" Fever\n"), parent, FreeTexts()).reason
        == "Fever"
    )
