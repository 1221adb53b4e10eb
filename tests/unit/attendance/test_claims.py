from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.attendance_record import StudentRecord
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.claims import (
    MAX_CLAIMS,
    ClaimAnswer,
    ClaimedStatus,
    ClaimHistory,
    ClaimRequest,
    ClaimState,
    NewClaim,
    RecordedAnswer,
    RecordedClaim,
    claimed_status,
    raise_claim,
    require_may_answer,
)
from attendance_service.domain.errors import (
    AlreadyRecorded,
    ClaimAnswered,
    ClaimNotFound,
    ClaimNotYours,
    ClaimOpen,
    ClaimTooEarly,
    ClaimTooLate,
    NotOnRoster,
    SessionCancelled,
    SessionChanged,
    SessionNotFound,
    TooManyClaims,
)
from attendance_service.domain.policy import DEFAULT_LIMITS, Limits
from attendance_service.domain.session import Enrolment, TutoringSession
from attendance_service.domain.student_reference import UNNAMED, StudentReference
from attendance_service.domain.vocabulary import AttendanceStatus
from attendance_service.wire.claims import claim_answer, claim_query, claim_request
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

ENDS_AT = BEGINS_AT + timedelta(hours=1)
DAY = timedelta(days=1)
LATE = AttendanceStatus.LATE
REQUEST = ClaimRequest(session_id=ID, claimed_status=LATE, note="Power cut")
NEW = ClaimHistory(open_claim_id=None, callers_claims=0, last_decided_at=None)
RAISER = UserId(301)
CLAIM = RecordedClaim(
    id=7,
    session_id=ID,
    student=CHILD,
    claimed_status=LATE,
    note="Power cut",
    raised_by=RAISER,
    raised_by_name="",
    raised_by_role="parent",
    raised_at=ENDS_AT,
    recorded_status=None,
    suggested_status=None,
    answer=None,
)
ANSWERED = replace(
    CLAIM,
    answer=RecordedAnswer(
        state=ClaimState.DECLINED, answered_by=UserId(101), answered_by_name="", answered_at=ENDS_AT, note="No"
    ),
)


def recorded(status: str, decided_at: datetime = ENDS_AT) -> StudentRecord:
    return StudentRecord(status=status, source="manual", marked_at=decided_at)


def raised(
    record: StudentRecord | None = None,
    history: ClaimHistory = NEW,
    limits: Limits = DEFAULT_LIMITS,
    *,
    now: datetime = ENDS_AT,
    session: TutoringSession = SESSION,
) -> NewClaim:
    enrolled = replace(OF_PARENT.students[0], record=record or StudentRecord())
    claimed = ClaimedStatus(enrolled=enrolled, status=LATE, note="Power cut")
    return raise_claim(claimed, session, history, limits, now=now, zone=ADDIS)


@pytest.mark.parametrize(
    ("enrolment", "role", "student"),
    [
        (OF_STUDENT, CallerRole.STUDENT, UNNAMED),
        (OF_STUDENT, CallerRole.STUDENT, StudentReference(student_id=CHILD.id)),
        (OF_PARENT, CallerRole.PARENT, UNNAMED),
        (OF_PARENT, CallerRole.PARENT, StudentReference(user_id=CHILD.user_id)),
    ],
)
def test_who_may_claim_for_whom(enrolment: Enrolment, role: CallerRole, student: StudentReference) -> None:
    caller = Caller(user_id=RAISER, role=role)
    claimed = claimed_status(replace(REQUEST, student=student), replace(SESSION, enrolment=enrolment), caller)
    assert (claimed.enrolled.student, claimed.status, claimed.note) == (CHILD, LATE, "Power cut")


@pytest.mark.parametrize(
    ("enrolment", "role", "student", "error"),
    [
        (OF_STUDENT, CallerRole.STUDENT, StudentReference(student_id=CLASSMATE.id), NotOnRoster),
        (OF_PARENT, CallerRole.PARENT, StudentReference(student_id=CLASSMATE.id), NotOnRoster),
        (OF_TUTOR, CallerRole.TUTOR, StudentReference(student_id=CHILD.id), ClaimNotYours),
        (OF_SUBSTITUTE, CallerRole.TUTOR, StudentReference(student_id=CHILD.id), ClaimNotYours),
        (NOBODY, CallerRole.ADMIN, StudentReference(student_id=CHILD.id), ClaimNotYours),
        (NOBODY, CallerRole.STUDENT, UNNAMED, SessionNotFound),
        (NOBODY, CallerRole.PARENT, UNNAMED, SessionNotFound),
    ],
)
def test_who_may_not_claim(
    enrolment: Enrolment, role: CallerRole, student: StudentReference, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        claimed_status(
            replace(REQUEST, student=student),
            replace(SESSION, enrolment=enrolment),
            Caller(user_id=RAISER, role=role),
        )


def test_a_claim_keeps_what_was_recorded_when_it_was_raised() -> None:
    assert raised(recorded("absent")) == NewClaim(
        student=CHILD, claimed_status=LATE, note="Power cut", recorded_status="absent"
    )
    assert raised().recorded_status is None


def test_a_default_status_is_not_recorded() -> None:
    assert raised(StudentRecord(status="late")).recorded_status is None


def test_a_session_must_be_over_unless_the_student_is_marked() -> None:
    early = ENDS_AT - timedelta(seconds=1)
    with pytest.raises(ClaimTooEarly):
        raised(now=early)
    assert raised(recorded("absent", early), now=early).recorded_status == "absent"


@pytest.mark.parametrize(
    ("status", "now"), [("completed", BEGINS_AT), ("missed", BEGINS_AT), ("scheduled", ENDS_AT + DAY)]
)
def test_a_session_without_times_is_over_when_the_platform_says_so_or_its_day_has_passed(
    status: str, now: datetime
) -> None:
    timeless = replace(SESSION, schedule=replace(SESSION.schedule, start=None), status=status)
    assert raised(session=timeless, now=now).student == CHILD


def test_a_session_that_is_moved_is_not_over_although_it_is_called_completed() -> None:
    with pytest.raises(ClaimTooEarly):
        raised(session=replace(SESSION, status="completed"), now=BEGINS_AT)


def test_nothing_is_claimed_about_a_cancelled_session() -> None:
    with pytest.raises(SessionCancelled):
        raised(recorded("absent"), session=replace(SESSION, status="cancelled"))


def test_what_is_recorded_already_is_not_claimed() -> None:
    with pytest.raises(AlreadyRecorded):
        raised(recorded("late"))


def test_one_claim_waits_at_a_time() -> None:
    with pytest.raises(ClaimOpen) as refused:
        raised(history=replace(NEW, open_claim_id=7, callers_claims=1))
    assert refused.value.metadata == {"claim_id": "7"}


@pytest.mark.parametrize(
    ("marked_at", "decided_at", "counted_from"),
    [
        (None, None, ENDS_AT),
        (ENDS_AT - DAY, None, ENDS_AT),
        (ENDS_AT + DAY, None, ENDS_AT + DAY),
        # Withdrawn since.
        (None, ENDS_AT + 2 * DAY, ENDS_AT + 2 * DAY),
    ],
)
@pytest.mark.parametrize("days", [1, 7, 365])
def test_the_time_for_claims_counts_from_the_later_of_lesson_and_decision(
    marked_at: datetime | None, decided_at: datetime | None, counted_from: datetime, days: int
) -> None:
    record = StudentRecord() if marked_at is None else recorded("absent", marked_at)
    history = replace(NEW, last_decided_at=decided_at)
    limits = replace(DEFAULT_LIMITS, claim_within_days=days)
    until = counted_from + timedelta(days=days)
    assert raised(record, history, limits, now=until - timedelta(microseconds=1)).claimed_status is LATE
    with pytest.raises(ClaimTooLate):
        raised(record, history, limits, now=until)


def test_with_no_days_nothing_can_be_claimed() -> None:
    with pytest.raises(ClaimTooLate):
        raised(limits=replace(DEFAULT_LIMITS, claim_within_days=0))


def test_of_a_lesson_without_a_day_only_the_decision_counts() -> None:
    undated = replace(SESSION, schedule=replace(SESSION.schedule, day=None), status="completed")
    long_after = datetime(2099, 1, 1, tzinfo=UTC)
    assert raised(session=undated, now=long_after).student == CHILD
    with pytest.raises(ClaimTooLate):
        raised(recorded("absent"), session=undated, now=long_after)


def test_there_are_not_more_claims_than_anybody_needs() -> None:
    assert raised(history=replace(NEW, callers_claims=MAX_CLAIMS - 1)).student == CHILD
    with pytest.raises(TooManyClaims):
        raised(history=replace(NEW, callers_claims=MAX_CLAIMS))


def require(state: ClaimState, enrolment: Enrolment, role: CallerRole, user: int, claim: RecordedClaim = CLAIM) -> None:
    answer = ClaimAnswer(claim_id=claim.id, state=state, note="")
    require_may_answer(
        answer, claim, replace(SESSION, enrolment=enrolment), Caller(user_id=UserId(user), role=role), zone=ADDIS
    )


@pytest.mark.parametrize("early", [timedelta(minutes=2), 7 * DAY])
def test_a_claim_from_before_the_session_was_moved_is_declined_or_taken_back_alone(early: timedelta) -> None:
    old = replace(CLAIM, raised_at=BEGINS_AT - early)
    with pytest.raises(SessionChanged):
        require(ClaimState.ACCEPTED, OF_TUTOR, CallerRole.TUTOR, 101, old)
    require(ClaimState.DECLINED, OF_TUTOR, CallerRole.TUTOR, 101, old)


def test_a_claim_from_after_the_session_began_is_accepted() -> None:
    require(ClaimState.ACCEPTED, OF_TUTOR, CallerRole.TUTOR, 101, replace(CLAIM, raised_at=BEGINS_AT))


@pytest.mark.parametrize("state", [ClaimState.ACCEPTED, ClaimState.DECLINED])
@pytest.mark.parametrize(
    ("enrolment", "role"),
    [(OF_TUTOR, CallerRole.TUTOR), (OF_SUBSTITUTE, CallerRole.TUTOR), (NOBODY, CallerRole.ADMIN)],
)
def test_who_may_answer(state: ClaimState, enrolment: Enrolment, role: CallerRole) -> None:
    require(state, enrolment, role, 101)


@pytest.mark.parametrize("state", [ClaimState.ACCEPTED, ClaimState.DECLINED, ClaimState.TAKEN_BACK])
@pytest.mark.parametrize(
    ("enrolment", "role", "user"),
    [(OF_PARENT, CallerRole.PARENT, 302), (OF_STUDENT, CallerRole.STUDENT, 201)],
)
def test_those_who_may_raise_claims_do_not_answer_those_of_others(
    state: ClaimState, enrolment: Enrolment, role: CallerRole, user: int
) -> None:
    with pytest.raises(ClaimNotYours):
        require(state, enrolment, role, user)


def test_who_raised_a_claim_takes_it_back_and_nothing_else() -> None:
    require(ClaimState.TAKEN_BACK, OF_PARENT, CallerRole.PARENT, RAISER)
    for state in (ClaimState.ACCEPTED, ClaimState.DECLINED):
        with pytest.raises(ClaimNotYours):
            require(state, OF_PARENT, CallerRole.PARENT, RAISER)
    for enrolment, role in ((OF_TUTOR, CallerRole.TUTOR), (NOBODY, CallerRole.ADMIN)):
        with pytest.raises(ClaimNotYours):
            require(ClaimState.TAKEN_BACK, enrolment, role, 101)


def test_a_claim_about_a_classmate_does_not_exist() -> None:
    about_classmate = replace(CLAIM, student=CLASSMATE)
    for enrolment, role in ((OF_PARENT, CallerRole.PARENT), (OF_STUDENT, CallerRole.STUDENT)):
        with pytest.raises(ClaimNotFound):
            require(ClaimState.TAKEN_BACK, enrolment, role, 302, about_classmate)


def test_a_claim_of_another_person_s_session_does_not_exist() -> None:
    for role in (CallerRole.TUTOR, CallerRole.PARENT, CallerRole.STUDENT):
        with pytest.raises(ClaimNotFound):
            require(ClaimState.ACCEPTED, NOBODY, role, 101)


def test_a_claim_is_answered_once() -> None:
    for state, enrolment, role in (
        (ClaimState.ACCEPTED, OF_TUTOR, CallerRole.TUTOR),
        (ClaimState.TAKEN_BACK, OF_PARENT, CallerRole.PARENT),
    ):
        with pytest.raises(ClaimAnswered):
            require(state, enrolment, role, RAISER, ANSWERED)
    assert (CLAIM.state, ANSWERED.state) == (ClaimState.OPEN, ClaimState.DECLINED)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"session_id": 0, "claimed_status": pb.late, "note": "x"}, "session_id"),
        ({"session_id": 1, "note": "x"}, "claimed_status"),
        ({"session_id": 1, "claimed_status": 99, "note": "x"}, "claimed_status"),
        ({"session_id": 1, "claimed_status": pb.late}, "note"),
        ({"session_id": 1, "claimed_status": pb.late, "note": " \u2003\n"}, "note"),
        ({"session_id": 1, "claimed_status": pb.late, "note": "x" * 2001}, "note"),
        ({"session_id": 1, "claimed_status": pb.late, "note": "\x00x"}, "note"),
        ({"session_id": 1, "claimed_status": pb.late, "note": "x", "student_id": 0}, "student_id"),
        ({"session_id": 1, "claimed_status": pb.late, "note": "x", "student_id": 1, "user_id": 1}, "user_id"),
    ],
)
def test_an_invalid_claim_names_the_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        claim_request(pb.RaiseClaimRequest(**fields), FreeTexts())  # type: ignore[arg-type]
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"claim_id": 0, "answer": pb.accepted}, "claim_id"),
        ({"claim_id": 1}, "answer"),
        ({"claim_id": 1, "answer": 99}, "answer"),
        ({"claim_id": 1, "answer": pb.declined}, "note"),
        ({"claim_id": 1, "answer": pb.declined, "note": "  "}, "note"),
        ({"claim_id": 1, "answer": pb.accepted, "note": "x" * 2001}, "note"),
    ],
)
def test_an_invalid_answer_names_the_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        claim_answer(pb.AnswerClaimRequest(**fields), FreeTexts())  # type: ignore[arg-type]
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.parametrize(("state", "is_open"), [("", None), ("open", True), ("answered", False)])
def test_claims_are_asked_for_by_state(state: str, is_open: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    caller = Caller(user_id=RAISER, role=CallerRole.PARENT)
    assert claim_query(pb.ListClaimsRequest(state=state), caller).is_open is is_open
    with pytest.raises(InvalidArgument):
        claim_query(pb.ListClaimsRequest(state=f"{state}x"), caller)
