"""Requests to accept many suggestions, and what became of each; InvalidArgument names every field at fault."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.application import (
    LARGEST_APPLICATION,
    Application,
    ApplicationResult,
    Applied,
    NotApplied,
)
from attendance_service.domain.caller import Caller
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import session_page_position
from attendance_service.wire.words import STATUSES
from servicekit.identifiers import TutoringSessionId


def application(request: pb.ApplySuggestionsRequest, caller: Caller) -> Application:
    """Return which suggestions to accept."""
    named = _named(request)
    if named and (request.page_size or request.page_token):
        raise fields.invalid("page_size", "and page_token are for whoever names no session")
    return Application(
        preview=request.preview,
        named=named,
        after=session_page_position(request.page_token, question(request, caller)),
        size=_page_size(request.page_size),
    )


def question(request: pb.ApplySuggestionsRequest, caller: Caller) -> object:
    """Return what a page token is bound to: whoever asks; a preview may go on as the real thing."""
    return (request.DESCRIPTOR.name, caller.user_id, caller.role)


def application_response(result: ApplicationResult, next_page_token: str) -> pb.ApplySuggestionsResponse:
    """Return what became of each session."""
    return pb.ApplySuggestionsResponse(
        applied=map(_applied, result.applied),
        not_applied=map(_not_applied, result.not_applied),
        next_page_token=next_page_token,
    )


def _named(request: pb.ApplySuggestionsRequest) -> dict[TutoringSessionId, str]:
    if request.session_ids and request.sessions:
        raise fields.invalid("sessions", "must not be sent together with session_ids")
    named = dict.fromkeys(map(fields.session_id, request.session_ids), "")
    named |= {fields.session_id(shown.session_id): shown.etag for shown in request.sessions}
    if len(named) > LARGEST_APPLICATION:
        field = "sessions" if request.sessions else "session_ids"
        raise fields.invalid(field, f"must name at most {LARGEST_APPLICATION} sessions")
    return named


def _page_size(value: int) -> int:
    if not 0 <= value <= LARGEST_APPLICATION:
        raise fields.invalid("page_size", f"must be 1 to {LARGEST_APPLICATION}; 0 or unset means {LARGEST_APPLICATION}")
    return value or LARGEST_APPLICATION


def _applied(applied: Applied) -> pb.AppliedSuggestion:
    return pb.AppliedSuggestion(
        session_id=applied.session_id,
        tutor_attendance_status=STATUSES[applied.tutor_status],
        student_attendance_status=STATUSES[applied.student_status],
        etag=applied.etag,
    )


def _not_applied(left: NotApplied) -> pb.SuggestionNotApplied:
    return pb.SuggestionNotApplied(session_id=left.session_id, reason=left.error.reason, message=left.error.message)
