from __future__ import annotations

from datetime import date

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.decision import MarkRequest
from attendance_service.domain.vocabulary import AttendanceStatus, SessionStatus
from attendance_service.wire.decisions import mark_request
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.sessions import session_query
from servicekit.errors import InvalidArgument
from servicekit.identifiers import TutoringSessionId, UserId

#: Two thousand characters, not bytes.
ETHIOPIC = "\N{ETHIOPIC SYLLABLE HA}"
CALLER = Caller(user_id=UserId(101), role=CallerRole.TUTOR)


def invalid_fields(request: pb.MarkAttendanceRequest) -> list[str]:
    with pytest.raises(InvalidArgument) as refused:
        mark_request(request, FreeTexts())
    return [violation.field for violation in refused.value.violations]


def invalid_field(**filters: object) -> str:
    with pytest.raises(InvalidArgument) as refused:
        session_query(pb.ListSessionsRequest(**filters), CALLER)  # type: ignore[arg-type]
    return refused.value.violations[0].field


def test_explicit_statuses_and_notes_are_read() -> None:
    request = pb.MarkAttendanceRequest(
        session_id=5, tutor_attendance_status=pb.present, student_attendance_status=pb.late, attendance_notes="Bus"
    )
    assert mark_request(request, FreeTexts()) == MarkRequest(
        session_id=TutoringSessionId(5),
        tutor_status=AttendanceStatus.PRESENT,
        student_status=AttendanceStatus.LATE,
        notes="Bus",
    )


def test_unset_notes_change_nothing_and_empty_notes_clear() -> None:
    decided = pb.MarkAttendanceRequest(session_id=5, tutor_attendance_status=pb.present)
    assert mark_request(decided, FreeTexts()).notes is None
    decided.attendance_notes = ""
    assert mark_request(decided, FreeTexts()).notes == ""


def test_use_suggestion_with_statuses_is_refused() -> None:
    request = pb.MarkAttendanceRequest(session_id=5, use_suggestion=True, student_attendance_status=pb.late)
    assert invalid_fields(request) == ["use_suggestion"]


@pytest.mark.parametrize(
    "request_", [pb.MarkAttendanceRequest(session_id=5), pb.MarkAttendanceRequest(session_id=5, use_suggestion=False)]
)
def test_nothing_to_decide_is_refused(request_: pb.MarkAttendanceRequest) -> None:
    assert "tutor_attendance_status" in invalid_fields(request_)


def test_use_suggestion_false_with_statuses_is_a_manual_mark() -> None:
    request = pb.MarkAttendanceRequest(session_id=5, use_suggestion=False, tutor_attendance_status=pb.absent)
    assert not mark_request(request, FreeTexts()).use_suggestion


def test_an_unspecified_status_is_refused() -> None:
    request = pb.MarkAttendanceRequest(session_id=5, tutor_attendance_status=pb.ATTENDANCE_STATUS_UNSPECIFIED)
    assert invalid_fields(request) == ["tutor_attendance_status"]


def test_a_status_that_does_not_exist_is_refused() -> None:
    request = pb.MarkAttendanceRequest.FromString(
        pb.MarkAttendanceRequest(session_id=5).SerializeToString() + bytes([4 << 3, 99])
    )
    assert invalid_fields(request) == ["student_attendance_status"]


@pytest.mark.parametrize("session_id", [0, -1])
def test_a_session_id_is_positive(session_id: int) -> None:
    assert invalid_fields(pb.MarkAttendanceRequest(session_id=session_id)) == ["session_id"]


def test_notes_of_2000_characters_are_accepted() -> None:
    request = pb.MarkAttendanceRequest(session_id=5, attendance_notes=ETHIOPIC * 2000)
    assert mark_request(request, FreeTexts()).notes == ETHIOPIC * 2000


@pytest.mark.parametrize("notes", ["x" * 2001, "a\x00b"])
def test_notes_that_cannot_be_stored_are_refused(notes: str) -> None:
    assert invalid_fields(pb.MarkAttendanceRequest(session_id=5, attendance_notes=notes)) == ["attendance_notes"]


def test_the_etag_of_a_suggestion_needs_use_suggestion() -> None:
    request = pb.MarkAttendanceRequest(session_id=5, tutor_attendance_status=pb.late, etag="abc")
    assert invalid_fields(request) == ["etag"]


def test_filters_are_read() -> None:
    request = pb.ListSessionsRequest(
        status_filter="in_progress", date_from="2026-01-01", date_to="2026-01-31", attendance_filter="unmarked"
    )
    query = session_query(request, CALLER)
    assert (query.status, query.attendance_filter) == (SessionStatus.IN_PROGRESS, "unmarked")
    assert (query.dates.first, query.dates.last) == (date(2026, 1, 1), date(2026, 1, 31))
    assert query.stored_statuses == ("in-progress", "in_progress")
    assert query.page.size == 50


@pytest.mark.parametrize("day", ["2026-02-30", "20260131", "2026-W05-6", "tomorrow", "2026-1-1"])
def test_a_day_is_written_with_dashes(day: str) -> None:
    assert invalid_field(date_from=day) == "date_from"


def test_the_last_day_is_not_before_the_first() -> None:
    assert invalid_field(date_from="2026-02-01", date_to="2026-01-31") == "date_to"


def test_an_unknown_status_filter_is_refused() -> None:
    assert invalid_field(status_filter="done") == "status_filter"


def test_an_unknown_attendance_filter_is_refused() -> None:
    assert invalid_field(attendance_filter="maybe") == "attendance_filter"


@pytest.mark.parametrize("size", [-1, 201])
def test_a_page_has_1_to_200_entries(size: int) -> None:
    assert invalid_field(page_size=size) == "page_size"
