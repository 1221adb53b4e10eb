"""Requests to accept many suggestions, and what happened to each session."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.listing import PageRequest
from attendance_service.use_cases.bulk_accept import (
    MAX_SESSIONS,
    AcceptedSession,
    AcceptedStudent,
    BulkAcceptRequest,
    BulkAcceptResult,
    SkippedSession,
)
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import page_scope, session_page_position, session_page_token
from servicekit.identifiers import TutoringSessionId


def bulk_accept_request(request: pb.ApplySuggestionsRequest, caller: Caller) -> BulkAcceptRequest:
    """Return which suggestions to accept."""
    named = _named(request)
    if named and (request.page_size or request.page_token):
        raise fields.invalid("page_size", "and page_token can't be sent together with named sessions")
    after = session_page_position(request.page_token, page_scope(request, caller))
    return BulkAcceptRequest(
        preview=request.preview, named=named, page=PageRequest(after=after, size=_page_size(request.page_size))
    )


def bulk_accept_response(
    result: BulkAcceptResult, request: pb.ApplySuggestionsRequest, caller: Caller
) -> pb.ApplySuggestionsResponse:
    """Return what happened to each session."""
    return pb.ApplySuggestionsResponse(
        applied=map(_accepted, result.accepted),
        not_applied=map(_skipped, result.skipped),
        next_page_token=session_page_token(result.next, page_scope(request, caller)),
    )


def _named(request: pb.ApplySuggestionsRequest) -> dict[TutoringSessionId, str]:
    if request.session_ids and request.sessions:
        raise fields.invalid("sessions", "must not be sent together with session_ids")
    named = dict.fromkeys(map(fields.session_id, request.session_ids), "")
    named |= {fields.session_id(shown.session_id): shown.etag for shown in request.sessions}
    if len(named) > MAX_SESSIONS:
        field = "sessions" if request.sessions else "session_ids"
        raise fields.invalid(field, f"must name at most {MAX_SESSIONS} sessions")
    return named


def _page_size(value: int) -> int:
    if not 0 <= value <= MAX_SESSIONS:
        raise fields.invalid("page_size", f"must be 1 to {MAX_SESSIONS}; 0 or unset means {MAX_SESSIONS}")
    return value or MAX_SESSIONS


def _accepted(accepted: AcceptedSession) -> pb.AppliedSuggestion:
    return pb.AppliedSuggestion(
        session_id=accepted.session_id,
        tutor_attendance_status=fields.STATUSES[accepted.tutor_status],
        student_attendance_status=fields.STATUSES[accepted.student_status],
        etag=accepted.etag,
        students=map(_accepted_student, accepted.students),
        attendance_etag=accepted.attendance_etag,
    )


def _accepted_student(accepted: AcceptedStudent) -> pb.AppliedStudent:
    return pb.AppliedStudent(
        student_id=accepted.student.id,
        user_id=accepted.student.user_id,
        name=accepted.student.name,
        status=fields.STATUSES[accepted.status] if accepted.status else pb.ATTENDANCE_STATUS_UNSPECIFIED,
        applied=accepted.error is None,
        reason="" if accepted.error is None else accepted.error.reason,
    )


def _skipped(skipped: SkippedSession) -> pb.SuggestionNotApplied:
    error = skipped.error
    return pb.SuggestionNotApplied(session_id=skipped.session_id, reason=error.reason, message=error.message)
