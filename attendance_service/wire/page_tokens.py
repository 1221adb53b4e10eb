"""Page tokens: opaque to callers, and valid only for the list that they continue."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from attendance_service.domain.caller import Caller
from attendance_service.domain.evaluation import DecisionPosition
from attendance_service.domain.inbox import InboxKind, InboxPosition
from attendance_service.domain.listing import SessionPosition
from attendance_service.wire.fields import invalid
from servicekit.errors import InvalidArgument
from servicekit.etag import etag
from servicekit.identifiers import MAX_ID, TutoringSessionId

#: PostgreSQL's bigint.
MAX_DECISION_ID = 2**63 - 1
#: Real ones have about 100; a longer one is not decoded.
_MAX_TOKEN_CHARACTERS = 256
#: Fields that may change between two pages of a list. A preview may be continued without preview; one count is enough.
_NOT_IN_SCOPE = frozenset({"page_token", "page_size", "preview", "with_total_size"})

_PositionT = TypeVar("_PositionT")


def page_scope(request: Message, caller: Caller) -> object:
    """Return what a page token is valid for: the method, the caller, and every field that selects rows."""
    fields = MessageToDict(request, preserving_proto_field_name=True)
    filters = sorted((name, value) for name, value in fields.items() if name not in _NOT_IN_SCOPE)
    return (request.DESCRIPTOR.name, caller.user_id, caller.role, filters)


def session_page_token(position: SessionPosition | None, scope: object) -> str:
    """Return the token of the next page; empty if there is none."""
    if position is None:
        return ""
    day, start = position.day and position.day.isoformat(), position.start and position.start.isoformat()
    return _encoded(scope, day, start, position.session_id)


def session_page_position(token: str, scope: object) -> SessionPosition | None:
    """Return where the page begins; None for the first one. InvalidArgument for a token of another list."""

    def read(day: Any, start: Any, identifier: Any) -> SessionPosition:  # noqa: ANN401 - any JSON value
        return SessionPosition(
            day=None if day is None else date.fromisoformat(day),
            start=None if start is None else time.fromisoformat(start),
            session_id=TutoringSessionId(_number(identifier, MAX_ID)),
        )

    return _position(token, scope, read)


def number_page_token(number: int | None, scope: object) -> str:
    """Return the token of the next page of a list that is ordered by one number; empty if there is none."""
    return "" if number is None else _encoded(scope, number)


def number_page_position(token: str, scope: object, *, maximum: int = MAX_ID) -> int | None:
    """Return the number of the last row before the page; None for the first page.

    InvalidArgument for a token of another list.
    """
    return _position(token, scope, lambda number: _number(number, maximum))


def evaluation_page_token(position: DecisionPosition | None, scope: object) -> str:
    """Return the token of the next page of an evaluation; empty if there is none."""
    return "" if position is None else _encoded(scope, position.decided_at.isoformat(), position.decision_id)


def evaluation_page_position(token: str, scope: object) -> DecisionPosition | None:
    """Return the last decision before the page; None for the first. InvalidArgument for a token of another list."""

    def read(decided_at: Any, identifier: Any) -> DecisionPosition:  # noqa: ANN401 - any JSON value
        return DecisionPosition(datetime.fromisoformat(decided_at), _number(identifier, MAX_DECISION_ID))

    return _position(token, scope, read)


def inbox_page_token(position: InboxPosition | None, scope: object) -> str:
    """Return the token of the next page of an inbox; empty if there is none."""
    if position is None:
        return ""
    at = position.happened_at.isoformat()
    return _encoded(scope, at, position.kind, position.identifier, position.student_id)


def inbox_page_position(token: str, scope: object) -> InboxPosition | None:
    """Return the last item before the page; None for the first. InvalidArgument for a token of another list."""

    def read(happened_at: Any, kind: Any, identifier: Any, student_id: Any) -> InboxPosition:  # noqa: ANN401 - any JSON value
        at = datetime.fromisoformat(happened_at)
        if at.tzinfo is None:
            raise ValueError("a time has a time zone")
        return InboxPosition(
            happened_at=at,
            kind=InboxKind(kind),
            identifier=_number(identifier, MAX_DECISION_ID),
            # About the tutor, there is no student.
            student_id=0 if student_id == 0 else _number(student_id, MAX_ID),
        )

    return _position(token, scope, read)


def _encoded(scope: object, *parts: object) -> str:
    content = json.dumps([etag(scope), *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode()


def _position(token: str, scope: object, read: Callable[..., _PositionT]) -> _PositionT | None:
    if not token:
        return None
    try:
        scope_tag, *parts = _decoded(token)
        position = read(*parts)
    except (ValueError, TypeError) as error:
        raise _invalid() from error
    if scope_tag != etag(scope):
        raise _invalid()
    return position


def _decoded(token: str) -> list[Any]:
    if len(token) > _MAX_TOKEN_CHARACTERS:
        raise ValueError("a page token is short")
    parts = json.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    if not isinstance(parts, list):
        raise TypeError("a page token is a list")
    return parts


def _number(value: object, maximum: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= maximum:
        raise ValueError("a page token has a positive number")
    return value


def _invalid() -> InvalidArgument:
    return invalid("page_token", "is not a token of this list with these filters; leave it empty for the first page")
