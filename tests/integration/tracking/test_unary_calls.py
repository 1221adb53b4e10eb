"""Connect, Heartbeat and Disconnect as browsers call them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.grpc_errors import details, refusal
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns, intervals

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking


async def test_a_connect_is_in_the_documented_columns_when_it_is_answered(
    tracking: Tracking, database: str, session_id: int, tutor_token: str
) -> None:
    request = pb.ConnectRequest(session_id=session_id, user_type=pb.tutor)
    response = await tracking.Connect(request, metadata=metadata(tutor_token))
    (connected_at, disconnected_at, last_activity_at, logs) = columns(
        database, session_id, "tutor_connected_at", "tutor_disconnected_at", "tutor_last_activity_at", "connection_logs"
    )
    assert (response.success, response.session_id, response.user_id) == (True, session_id, TUTOR)
    assert connected_at == last_activity_at == response.connected_at.ToDatetime(tzinfo=connected_at.tzinfo)
    assert disconnected_at is None
    assert [(entry["user_id"], entry["user_type"], entry["event"]) for entry in logs] == [(TUTOR, "tutor", "connect")]


async def test_a_heartbeat_moves_the_last_activity_and_shows_its_type_in_the_log(
    tracking: Tracking, database: str, session_id: int, student_token: str
) -> None:
    request = pb.HeartbeatRequest(session_id=session_id, user_type=pb.student, activity_type="draw")
    response = await tracking.Heartbeat(request, metadata=metadata(student_token))
    (last_activity_at, logs) = columns(database, session_id, "student_last_activity_at", "connection_logs")
    assert last_activity_at == response.last_activity_at.ToDatetime(tzinfo=last_activity_at.tzinfo)
    assert [(entry["event"], entry["activity_type"]) for entry in logs] == [("activity", "draw")]


async def test_a_disconnect_returns_the_total_and_closes_the_columns(
    tracking: Tracking, database: str, session_id: int, student_token: str
) -> None:
    call = metadata(student_token)
    await tracking.Connect(pb.ConnectRequest(session_id=session_id, user_type=pb.student), metadata=call)
    request = pb.DisconnectRequest(session_id=session_id, user_type=pb.student)
    response = await tracking.Disconnect(request, metadata=call)
    (disconnected_at, total) = columns(database, session_id, "student_disconnected_at", "student_total_active_seconds")
    assert disconnected_at == response.disconnected_at.ToDatetime(tzinfo=disconnected_at.tzinfo)
    assert total == response.total_active_seconds
    assert [row[2] for row in intervals(database, session_id)] == ["closed"]


async def test_the_same_interaction_is_logged_once_per_half_minute(
    tracking: Tracking, database: str, session_id: int, student_token: str
) -> None:
    request = pb.HeartbeatRequest(session_id=session_id, user_type=pb.student, activity_type="draw")
    for _ in range(5):
        await tracking.Heartbeat(request, metadata=metadata(student_token))
    (logs,) = columns(database, session_id, "connection_logs")
    assert len(logs) <= 2  # two when the half-minute turned in between


async def test_a_service_says_whose_event_it_is(tracking: Tracking, session_id: int, relay_token: str) -> None:
    request = pb.ConnectRequest(session_id=session_id, user_type=pb.student, user_id=STUDENT)
    assert (await tracking.Connect(request, metadata=metadata(relay_token))).user_id == STUDENT
    request.ClearField("user_id")
    assert await refusal(tracking.Connect(request, metadata=metadata(relay_token))) == (
        StatusCode.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
    )


async def test_another_users_id_is_refused(tracking: Tracking, session_id: int, student_token: str) -> None:
    request = pb.HeartbeatRequest(session_id=session_id, user_type=pb.student, user_id=STUDENT + 1)
    call = tracking.Heartbeat(request, metadata=metadata(student_token))
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "IDENTITY_MISMATCH")


async def test_a_user_type_that_the_token_does_not_grant_is_refused(
    tracking: Tracking, session_id: int, student_token: str
) -> None:
    request = pb.ConnectRequest(session_id=session_id, user_type=pb.tutor)
    call = tracking.Connect(request, metadata=metadata(student_token))
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "IDENTITY_MISMATCH")


async def test_a_user_who_does_not_take_part_is_refused(tracking: Tracking, session_id: int) -> None:
    request = pb.ConnectRequest(session_id=session_id, user_type=pb.student)
    call = tracking.Connect(request, metadata=metadata(token(999, "student")))
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "NOT_A_PARTICIPANT")


async def test_an_unknown_session_is_not_found(tracking: Tracking, student_token: str) -> None:
    request = pb.ConnectRequest(session_id=123456, user_type=pb.student)
    call = tracking.Connect(request, metadata=metadata(student_token))
    assert await refusal(call) == (StatusCode.NOT_FOUND, "WHITEBOARD_SESSION_NOT_FOUND")


async def test_every_field_at_fault_is_named(tracking: Tracking, student_token: str) -> None:
    request = pb.HeartbeatRequest(session_id=-1, activity_type="DROP TABLE", connection_id="x" * 65, user_id=0)
    with pytest.raises(aio.AioRpcError) as refused:
        await tracking.Heartbeat(request, metadata=metadata(student_token))
    (bad_request,) = details(refused.value, error_details_pb2.BadRequest)
    fields = {violation.field for violation in bad_request.field_violations}
    assert fields == {"session_id", "user_type", "user_id", "activity_type", "connection_id"}


@pytest.mark.parametrize(
    ("bearer", "reason"),
    [
        pytest.param(None, "BEARER_MISSING", id="none"),
        pytest.param("garbage", "TOKEN_INVALID", id="garbage"),
        pytest.param(token(STUDENT, "student", lifetime=timedelta(hours=-1)), "TOKEN_EXPIRED", id="expired"),
    ],
)
async def test_a_call_without_a_valid_token_is_refused(
    tracking: Tracking, session_id: int, bearer: str | None, reason: str
) -> None:
    call = tracking.Connect(
        pb.ConnectRequest(session_id=session_id, user_type=pb.student),
        metadata=metadata(bearer) if bearer else None,
    )
    assert await refusal(call) == (StatusCode.UNAUTHENTICATED, reason)
