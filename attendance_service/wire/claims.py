"""Requests about claims, and claims as messages."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.claims import (
    ANSWERS,
    ClaimAnswer,
    ClaimQuery,
    ClaimRequest,
    ClaimState,
    RecordedClaim,
)
from attendance_service.domain.listing import PageRequest
from attendance_service.wire import fields
from attendance_service.wire.fields import STATUSES, timestamp
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.page_tokens import number_page_position, page_scope

_ANSWER_BY_NUMBER = {int(pb.ClaimAnswer.Value(state)): state for state in ANSWERS}
#: What `state` may be, and which claims it means.
_STATES = {"": None, "open": True, "answered": False}


def claim_request(request: pb.RaiseClaimRequest, texts: FreeTexts) -> ClaimRequest:
    """Return what to claim."""
    return ClaimRequest(
        session_id=fields.session_id(request.session_id),
        student=fields.student_reference(request),
        claimed_status=fields.status("claimed_status", request.claimed_status),
        note=_note(texts, request.note, "say what happened; whoever answers reads it"),
    )


def claim_query(request: pb.ListClaimsRequest, caller: Caller) -> ClaimQuery:
    """Return which claims are asked for."""
    state = fields.choice("state", request.state, filter(None, _STATES))
    size = fields.page_size(request.page_size)
    return ClaimQuery(
        is_open=_STATES[state],
        session_id=fields.session_id(request.session_id) if request.session_id else None,
        page=PageRequest(after=number_page_position(request.page_token, page_scope(request, caller)), size=size),
    )


def claim_answer(request: pb.AnswerClaimRequest, texts: FreeTexts) -> ClaimAnswer:
    """Return how to answer which claim."""
    if request.claim_id <= 0:
        raise fields.invalid("claim_id", "must be a positive number")
    state = _ANSWER_BY_NUMBER.get(int(request.answer))
    if state is None:
        raise fields.invalid("answer", f"must be one of {', '.join(ANSWERS)}")
    if state is ClaimState.DECLINED:
        return ClaimAnswer(
            claim_id=request.claim_id,
            state=state,
            note=_note(texts, request.note, "say why; who raised the claim reads it"),
        )
    note = texts.read("note", request.note).strip()
    return ClaimAnswer(claim_id=request.claim_id, state=state, note=note)


def claim_message(claim: RecordedClaim) -> pb.Claim:
    """Return one claim with its answer."""
    message = pb.Claim(
        claim_id=claim.id,
        session_id=claim.session_id,
        student_id=claim.student.id,
        user_id=claim.student.user_id,
        student_name=claim.student.name,
        claimed_status=STATUSES[claim.claimed_status],
        note=claim.note,
        raised_by=claim.raised_by,
        raised_by_name=claim.raised_by_name,
        raised_by_role=claim.raised_by_role,
        raised_at=timestamp(claim.raised_at),
        recorded_status=claim.recorded_status,
        suggested_status=claim.suggested_status,
        state=claim.state,
    )
    if claim.answer is not None:
        answer = claim.answer
        message.answered_by = answer.answered_by
        message.answered_by_name = answer.answered_by_name
        message.answered_at.CopyFrom(timestamp(answer.answered_at))
        message.answer_note = answer.note
    return message


def _note(texts: FreeTexts, value: str, why: str) -> str:
    note = texts.read("note", value).strip()
    if not note:
        raise fields.invalid("note", why)
    return note
