"""Requests for an inbox, and its items as messages."""

from __future__ import annotations

from datetime import tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.absence_notices import RecordedNotice
from attendance_service.domain.caller import Caller
from attendance_service.domain.claims import RecordedClaim
from attendance_service.domain.inbox import InboxItem, InboxKind, InboxQuery, ParentsWord
from attendance_service.domain.listing import PageRequest
from attendance_service.wire import fields
from attendance_service.wire.absence_notices import notice_message
from attendance_service.wire.claims import claim_message
from attendance_service.wire.fields import timestamp
from attendance_service.wire.page_tokens import inbox_page_position, page_scope
from attendance_service.wire.sessions import session_message


def inbox_query(request: pb.ListInboxRequest, caller: Caller) -> InboxQuery:
    """Return which items are asked for."""
    kind = fields.choice("kind", request.kind, InboxKind)
    after = inbox_page_position(request.page_token, page_scope(request, caller))
    return InboxQuery(
        kind=InboxKind(kind) if kind else None,
        oldest_first=request.oldest_first,
        page=PageRequest(after=after, size=fields.page_size(request.page_size)),
    )


def inbox_item(item: InboxItem, caller: Caller, zone: tzinfo) -> pb.InboxItem:
    """Return one item with its session; `zone` is the session time zone."""
    about = item.about
    return pb.InboxItem(
        kind=item.position.kind,
        happened_at=timestamp(item.position.happened_at),
        session=session_message(item.session, caller, zone),
        claim=claim_message(about) if isinstance(about, RecordedClaim) else None,
        parents_word=_parents_word(about) if isinstance(about, ParentsWord) else None,
        absence_notice=notice_message(about) if isinstance(about, RecordedNotice) else None,
    )


def _parents_word(word: ParentsWord) -> pb.ParentsWord:
    return pb.ParentsWord(
        student_id=word.student.id,
        user_id=word.student.user_id,
        student_name=word.student.name,
        status_before=word.status_before,
        status_after=word.status_after or "",
        reported_by=word.reported_by,
        reported_by_name=word.reported_by_name,
        decision_id=word.decision_id,
    )
