"""From requests to what is asked; InvalidArgument names every field at fault."""

from __future__ import annotations

from dataclasses import replace

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.browsing import ATTENDANCE_FILTERS, SessionQuery
from attendance_service.domain.caller import Caller
from attendance_service.domain.decision import Mark
from attendance_service.domain.vocabulary import AttendanceStatus, SessionStatus, normalised_status
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import session_page_position
from attendance_service.wire.words import status
from servicekit.errors import FieldViolation, InvalidArgument


def mark(request: pb.MarkAttendanceRequest) -> Mark:
    """Return what to record."""
    asked = Mark(
        session_id=fields.session_id(request.session_id),
        use_suggestion=request.use_suggestion,
        tutor_status=_status(request, "tutor_attendance_status"),
        student_status=_status(request, "student_attendance_status"),
        notes=_notes(request),
        suggestion_etag=request.etag,
        attendance_etag=request.attendance_etag,
    )
    _require_one_decision(asked)
    return asked


def session_query(request: pb.ListSessionsRequest, caller: Caller) -> tuple[SessionQuery, int]:
    """Return which sessions are asked for, and how many at once."""
    size = fields.page_size(request.page_size)
    return replace(_filters(request), after=session_page_position(request.page_token, question(request, caller))), size


def question(request: pb.ListSessionsRequest, caller: Caller) -> object:
    """Return what a page token is bound to: whoever asks, and every filter."""
    days = (request.date_from, request.date_to)
    return (caller.user_id, caller.role, request.status_filter, *days, request.attendance_filter, request.search)


def _filters(request: pb.ListSessionsRequest) -> SessionQuery:
    wanted = fields.word("status_filter", normalised_status(request.status_filter), SessionStatus)
    period = fields.period(request.date_from, request.date_to)
    return SessionQuery(
        status=SessionStatus(wanted) if wanted else None,
        date_from=period.first,
        date_to=period.last,
        attendance_filter=fields.word("attendance_filter", request.attendance_filter, ATTENDANCE_FILTERS),
        search=fields.search(request.search),
    )


def _status(request: pb.MarkAttendanceRequest, field: str) -> AttendanceStatus | None:
    return status(field, getattr(request, field)) if request.HasField(field) else None  # type: ignore[arg-type]


def _notes(request: pb.MarkAttendanceRequest) -> str | None:
    if not request.HasField("attendance_notes"):
        return None
    return fields.long_text("attendance_notes", request.attendance_notes)


def _require_one_decision(asked: Mark) -> None:
    if asked.use_suggestion and (asked.tutor_status is not None or asked.student_status is not None):
        raise fields.invalid("use_suggestion", "accepts the suggestion as it is; leave it out to send statuses")
    if asked.is_notes_alone and asked.notes is None:
        described = "send use_suggestion, or a status, or notes: there is nothing to record"
        raise InvalidArgument(*(FieldViolation(field, described) for field in ("use_suggestion", *_STATUS_FIELDS)))
    if asked.suggestion_etag and not asked.use_suggestion:
        raise fields.invalid("etag", "goes with use_suggestion; statuses go with attendance_etag")


_STATUS_FIELDS = ("tutor_attendance_status", "student_attendance_status")
