"""One request of each call, about a lesson of its own: a class of two students."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from development.authorization import Caller
from tests.e2e.authorization.people import STUDENT_PROFILE, SUBSTITUTE, user_of
from tests.integration.attendance.platform import CLASS, CLASSMATE, STUDENT, TUTOR, Platform

_EVENTS = ("Connect", "Heartbeat", "Disconnect")
_LIMITS = attendance_pb2.PolicyLimits(late_from_seconds=660)


def request_of(name: str, caller: Caller, platform: Platform) -> Message:
    """Return a request of a call that is valid for the caller, about rows that are new."""
    whiteboard = new_whiteboard(caller, platform)
    if name in tracking_pb2.DESCRIPTOR.services_by_name["TrackingService"].methods_by_name:
        return _about_presence(name, caller, whiteboard)
    if name in tracking_pb2.DESCRIPTOR.services_by_name["PresenceQueryService"].methods_by_name:
        return _QUERIES[name](whiteboard)
    session_id = platform.add_session(enrolled_courses_id=CLASS, whiteboard_id=whiteboard, **_schedule(name))
    if name == "AnswerClaim":
        return attendance_pb2.AnswerClaimRequest(
            claim_id=_claim(platform, session_id), answer=attendance_pb2.ClaimAnswer.declined, note="He was there."
        )
    kind = getattr(attendance_pb2, f"{name}Request")
    fields = _FIELDS.get(name, {})
    about_session = {"session_id": session_id} if "session_id" in kind.DESCRIPTOR.fields_by_name else {}
    made: Message = kind(**about_session, **fields)
    return made


def new_whiteboard(caller: Caller, platform: Platform) -> int:
    """Return the whiteboard session of a lesson: with the substitute where they are asked about."""
    tutor = SUBSTITUTE if caller is Caller.SUBSTITUTE else TUTOR
    return platform.add_whiteboard(tutor_id=tutor, student_id=[STUDENT, CLASSMATE])


def reported_role(caller: Caller) -> str:
    """Return the role in which the caller would report their presence."""
    is_tutor = caller in {Caller.TUTOR, Caller.SUBSTITUTE, Caller.OTHER_TUTOR, Caller.OTHER_ROLE}
    return "tutor" if is_tutor else "student"


def _schedule(name: str) -> dict[str, Any]:
    """Return when the session of a call is, if that matters."""
    if name == "AnnounceAbsence":
        return {"session_date": "2099-03-02", "status": "scheduled"}
    if name == "RaiseClaim":
        return {"session_date": str(datetime.now(UTC).date() - timedelta(days=2))}
    return {}


def _claim(platform: Platform, session_id: int) -> int:
    """Let the student claim, and return the number of the claim."""
    (row,) = platform.rows(
        """INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role)
           VALUES (%s, %s, 'late', 'The bus', %s, 'student') RETURNING id""",
        *(session_id, STUDENT_PROFILE, STUDENT),
    )
    return int(row[0])


def _about_presence(name: str, caller: Caller, whiteboard: int) -> Message:
    if name == "StreamHeartbeats":
        opening = tracking_pb2.OpenStream(stream_id=str(uuid4()))
        return tracking_pb2.StreamHeartbeatsRequest(open=opening)
    kind: type[Message] = getattr(tracking_pb2, f"{name}Request")
    if name not in _EVENTS:
        return kind(session_id=whiteboard)
    user_type = tracking_pb2.UserType.Value(reported_role(caller))
    return kind(session_id=whiteboard, user_id=user_of(caller), user_type=user_type)


def _metrics(whiteboard: int) -> tracking_pb2.GetConnectionMetricsRequest:
    return tracking_pb2.GetConnectionMetricsRequest(session_id=whiteboard, allow_no_schedule=True)


_QUERIES: dict[str, Callable[[int], Message]] = {
    "GetConnectionMetrics": _metrics,
    "BatchGetConnectionMetrics": lambda whiteboard: tracking_pb2.BatchGetConnectionMetricsRequest(
        requests=[_metrics(whiteboard)]
    ),
    "ListTutorEngagement": lambda _whiteboard: tracking_pb2.ListTutorEngagementRequest(tutor_user_ids=[TUTOR]),
}
_FIELDS: dict[str, dict[str, Any]] = {
    "MarkAttendance": {"student_attendance_status": attendance_pb2.late},
    "AnnounceAbsence": {"student_id": STUDENT_PROFILE, "reason": "Fever"},
    "RaiseClaim": {"student_id": STUDENT_PROFILE, "claimed_status": attendance_pb2.late, "note": "The bus"},
    "ApplySuggestions": {"preview": True},
    "GetStudentAttendanceReport": {"student_id": STUDENT_PROFILE},
    "ExportStudentAttendanceReport": {"student_id": STUDENT_PROFILE},
    "CreatePolicy": {"limits": _LIMITS},
    "EvaluatePolicy": {"limits": _LIMITS},
}
