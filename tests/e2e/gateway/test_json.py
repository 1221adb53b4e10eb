"""The documented JSON, to the letter."""

from __future__ import annotations

import httpx
import pytest

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.samples import SESSION_ID, session, suggestion
from tests.e2e.gateway.upstream import Upstream

CONNECT = "/api/whiteboard/sessions/5/connect"
STATUS = "/api/whiteboard/sessions/5/connection-status"
SUGGESTION = f"/api/tutor/sessions/{SESSION_ID}/attendance-suggestion"
MARK = "/api/tutor/sessions/5/attendance"
#: A note as people write it.
NOTE = "\N{ETHIOPIC SYLLABLE SA}\N{ETHIOPIC SYLLABLE RAA} <b> & 'so'"


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    upstream.answers["Connect"] = lambda request, _: tracking_pb2.ConnectResponse(
        success=True, session_id=request.session_id, user_id=101, user_type=request.user_type
    )
    upstream.answers["GetConnectionStatus"] = lambda request, _: tracking_pb2.GetConnectionStatusResponse(
        session_id=request.session_id
    )
    upstream.answers["GetAttendanceSuggestion"] = lambda _request, _context: suggestion()
    upstream.answers["GetSession"] = lambda _request, _context: session()
    upstream.answers["MarkAttendance"] = lambda request, _: attendance_pb2.MarkAttendanceResponse(
        success=True, session_id=request.session_id, attendance_source=attendance_pb2.AttendanceSource.manual
    )


def test_names_are_in_snake_case_and_enums_are_the_documented_words(api: httpx.Client) -> None:
    answer = api.post(CONNECT, json={"session_id": 5, "user_type": "student"}).json()
    assert answer == {"success": True, "session_id": 5, "user_id": 101, "user_type": "student"}


def test_ids_are_numbers(api: httpx.Client) -> None:
    assert api.get("/api/whiteboard/sessions/2147483647/connection-status").json()["session_id"] == 2147483647


def test_zeros_and_empty_lists_are_printed_and_unset_times_are_not(api: httpx.Client) -> None:
    assert api.get(STATUS).json() == {
        "session_id": 5,
        "tutor_connected": False,
        "tutor_total_active_seconds": 0,
        "student_connected": False,
        "student_total_active_seconds": 0,
        "session_duration_seconds": 0,
        "connection_logs": [],
        "participants": [],
    }


@pytest.mark.parametrize("written", ["a+b%2B%25%23%26%E1%88%82%22", "a%20b%2B%25%23%26%E1%88%82%22"])
def test_a_search_arrives_as_it_was_typed_however_spaces_are_written(
    api: httpx.Client, upstream: Upstream, written: str
) -> None:
    api.get(f"/api/tutor/sessions?search={written}")
    assert upstream.request.search == 'a b+%#&ሂ"'


def test_a_lateness_of_zero_is_printed(api: httpx.Client) -> None:
    assert api.get(SUGGESTION).json()["tutor_metrics"]["lateness_minutes"] == 0


def test_an_unknown_lateness_is_left_out(api: httpx.Client) -> None:
    assert "lateness_minutes" not in api.get(SUGGESTION).json()["student_metrics"]


def test_times_are_in_utc(api: httpx.Client) -> None:
    assert api.get(SUGGESTION).json()["scheduled_start"] == "2026-11-20T13:00:00Z"


def test_a_claim_is_raised_listed_and_answered_in_the_documented_words(api: httpx.Client, upstream: Upstream) -> None:
    claim = attendance_pb2.Claim(
        claim_id=7,
        session_id=5,
        claimed_status=attendance_pb2.late,
        note=NOTE,
        state="open",
        raised_by_role="parent",
    )
    upstream.answers["RaiseClaim"] = lambda _request, _context: claim
    raised = api.post("/api/tutor/sessions/5/claims", json={"session_id": 5, "claimed_status": "late", "note": NOTE})
    assert raised.json() | {"claimed_status": "late", "note": NOTE, "state": "open"} == raised.json()
    assert "answered_by" not in raised.json()
    assert (upstream.request.claimed_status, upstream.request.note) == (attendance_pb2.late, NOTE)
    upstream.answers["ListClaims"] = lambda _request, _context: attendance_pb2.ListClaimsResponse(claims=[claim])
    assert api.get("/api/claims?state=open&session_id=5").json() == {"claims": [raised.json()], "next_page_token": ""}
    assert (upstream.request.state, upstream.request.session_id) == ("open", 5)
    upstream.answers["AnswerClaim"] = lambda _request, _context: attendance_pb2.AnswerClaimResponse(
        claim=claim, session=session()
    )
    answered = api.post("/api/claims/7:answer", json={"claim_id": 7, "answer": "taken_back"})
    assert (answered.json()["claim"]["claim_id"], answered.json()["session"]["id"]) == (7, SESSION_ID)
    assert upstream.request.answer == attendance_pb2.taken_back
    unknown = api.post("/api/claims/7:answer", json={"claim_id": 7, "answer": "ACCEPTED"})
    assert reason(unknown, 400) == "REQUEST_INVALID"


def test_an_absence_is_announced_and_an_inbox_read(api: httpx.Client, upstream: Upstream) -> None:
    notice = attendance_pb2.AbsenceNotice(notice_id=3, session_id=5, about_tutor=True, name="Abebe", reason="Ill")
    upstream.answers["AnnounceAbsence"] = lambda _request, _context: notice
    body = {"session_id": 5, "about_tutor": True, "reason": "Ill"}
    announced = api.post("/api/tutor/sessions/5/absence-notices", json=body).json()
    assert (announced["notice_id"], announced["about_tutor"], announced["withdrawn"]) == (3, True, False)
    assert "student_id" not in announced
    item = attendance_pb2.InboxItem(kind="absence_notice", session=session(), absence_notice=notice)
    upstream.answers["ListInbox"] = lambda _request, _context: attendance_pb2.ListInboxResponse(items=[item])
    [shown] = api.get("/api/inbox").json()["items"]
    assert (shown["kind"], shown["absence_notice"]) == ("absence_notice", announced)
    assert not {"claim", "parents_word"} & shown.keys()


def test_unset_notes_are_left_out(api: httpx.Client) -> None:
    assert "attendance_notes" not in api.get("/api/tutor/sessions/1").json()


@pytest.mark.parametrize("word", ["parent", "TUTOR", "Tutor", ""])
def test_any_other_word_than_the_documented_ones_is_refused(api: httpx.Client, word: str) -> None:
    assert reason(api.post(CONNECT, json={"session_id": 5, "user_type": word}), 400) == "REQUEST_INVALID"


def test_an_unknown_status_is_refused_with_the_word_and_the_field(api: httpx.Client) -> None:
    refused = api.put(MARK, json={"tutor_attendance_status": "maybe"})
    assert reason(refused, 400) == "REQUEST_INVALID"
    assert 'tutor_attendance_status: invalid value "maybe"' in refused.json()["message"]


def test_the_same_id_in_path_and_body_passes(api: httpx.Client) -> None:
    assert api.post(CONNECT, json={"session_id": 5, "user_type": "tutor"}).status_code == httpx.codes.OK


def test_another_id_in_the_body_than_in_the_path_is_refused(api: httpx.Client) -> None:
    assert reason(api.post(CONNECT, json={"session_id": 6, "user_type": "tutor"}), 400) == "REQUEST_INVALID"


@pytest.mark.parametrize("number", ["abc", "2147483648", "1.5", "-"])
def test_an_id_that_is_no_int32_is_refused(api: httpx.Client, number: str) -> None:
    assert reason(api.get(f"/api/tutor/sessions/{number}"), 400) == "REQUEST_INVALID"


@pytest.mark.parametrize("body", [b'{"session_id":', b"[1, 2]", b"session_id=5", b'"five"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(api: httpx.Client, body: bytes) -> None:
    assert reason(api.post(CONNECT, content=body), 400) == "REQUEST_INVALID"


def test_an_empty_body_counts_as_an_empty_object(api: httpx.Client) -> None:
    assert api.post(CONNECT).status_code == httpx.codes.OK


def test_null_counts_as_not_sent(api: httpx.Client, upstream: Upstream) -> None:
    api.put(MARK, json={"tutor_attendance_status": "late", "attendance_notes": None})
    assert not upstream.request.HasField("attendance_notes")


def test_an_unknown_query_parameter_is_refused_by_name(api: httpx.Client) -> None:
    refused = api.get(STATUS, params={"verbose": "1"})
    assert reason(refused, 400) == "REQUEST_INVALID"
    assert '"verbose"' in refused.json()["message"]


def test_query_parameters_arrive(api: httpx.Client, upstream: Upstream) -> None:
    api.get("/api/tutor/sessions", params={"status_filter": "completed", "page_size": 20})
    assert (upstream.request.status_filter, upstream.request.page_size) == ("completed", 20)


def test_an_unknown_field_in_a_body_is_dropped_by_envoy_before_any_service_sees_it(api: httpx.Client) -> None:
    # Envoy 1.40 has no setting against it; so every write answers with what is stored.
    sent = {"session_id": 5, "user_type": "tutor", "activity_tpye": "draw"}
    assert api.post(CONNECT, json=sent).json()["user_type"] == "tutor"
