"""Page tokens: opaque to callers, bound to the question that they continue."""

from __future__ import annotations

import base64
import json
import math
from datetime import date, time
from typing import Any

from attendance_service.domain.browsing import PagePosition
from attendance_service.domain.fingerprint import fingerprint
from attendance_service.domain.ranking import RankPosition
from attendance_service.wire.fields import invalid
from servicekit.errors import InvalidArgument
from servicekit.identifiers import LARGEST_ID, TutoringSessionId

#: PostgreSQL's bigint.
_LARGEST_DECISION_ID = 2**63 - 1
#: Ours have some 100; a longer one is not read at all.
_LONGEST_TOKEN = 256


def session_page_token(position: PagePosition | None, question: object) -> str:
    """Return the token of the next page; empty if there is none."""
    if position is None:
        return ""
    day, start = position.day and position.day.isoformat(), position.start and position.start.isoformat()
    return _encoded([fingerprint(question), day, start, position.session_id])


def session_page_position(token: str, question: object) -> PagePosition | None:
    """Return where the page begins; None for the first one. InvalidArgument for a token that is not ours."""
    if not token:
        return None
    try:
        mark, day, start, identifier = _decoded(token)
        position = PagePosition(
            day=None if day is None else date.fromisoformat(day),
            start=None if start is None else time.fromisoformat(start),
            session_id=TutoringSessionId(_number(identifier, LARGEST_ID)),
        )
    except (ValueError, TypeError) as error:
        raise _refused() from error
    if mark != fingerprint(question):
        raise _refused()
    return position


def decision_page_token(before_id: int | None, session_id: TutoringSessionId) -> str:
    """Return the token of the next page of one session's decisions; empty if there is none."""
    return "" if before_id is None else _encoded([session_id, before_id])


def decision_page_position(token: str, session_id: TutoringSessionId) -> int | None:
    """Return the number below which the page begins; None for the first one. InvalidArgument for a foreign token."""
    if not token:
        return None
    try:
        of_session, before_id = _decoded(token)
        before_id = _number(before_id, _LARGEST_DECISION_ID)
    except (ValueError, TypeError) as error:
        raise _refused() from error
    if of_session != session_id:
        raise _refused()
    return int(before_id)


def rank_page_token(position: RankPosition | None, question: object) -> str:
    """Return the token of the next page of a ranking; empty if there is none."""
    return "" if position is None else _encoded([fingerprint(question), position.value, position.identifier])


def rank_page_position(token: str, question: object) -> RankPosition | None:
    """Return the entry after which the page begins; None for the first one. InvalidArgument for a foreign token."""
    if not token:
        return None
    try:
        mark, value, identifier = _decoded(token)
        position = RankPosition(
            value=None if value is None else _finite(value), identifier=_number(identifier, LARGEST_ID)
        )
    except (ValueError, TypeError) as error:
        raise _refused() from error
    if mark != fingerprint(question):
        raise _refused()
    return position


def _encoded(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _decoded(token: str) -> list[Any]:
    if len(token) > _LONGEST_TOKEN:
        raise ValueError("a page token is short")
    parts = json.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    if not isinstance(parts, list):
        raise TypeError("a page token holds a list")
    return parts


def _number(value: object, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= largest:
        raise ValueError("a page token holds a positive number")
    return value


def _finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a page token holds a finite number")
    return float(value)


def _refused() -> InvalidArgument:
    return invalid("page_token", "is not a token of this list with these filters; leave it empty for the first page")
