"""Page tokens: opaque to callers, bound to the question that they continue."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

from attendance_service.domain.browsing import PagePosition
from attendance_service.domain.evaluation import DecisionPosition
from attendance_service.domain.fingerprint import fingerprint
from attendance_service.wire.fields import invalid
from servicekit.errors import InvalidArgument
from servicekit.identifiers import MAX_ID, TutoringSessionId

#: PostgreSQL's bigint.
LARGEST_DECISION_ID = 2**63 - 1
#: Ours have some 100; a longer one is not read at all.
_LONGEST_TOKEN = 256

_PositionT = TypeVar("_PositionT")


def session_page_token(position: PagePosition | None, question: object) -> str:
    """Return the token of the next page; empty if there is none."""
    if position is None:
        return ""
    day, start = position.day and position.day.isoformat(), position.start and position.start.isoformat()
    return _sealed(question, day, start, position.session_id)


def session_page_position(token: str, question: object) -> PagePosition | None:
    """Return where the page begins; None for the first one. InvalidArgument for a token that is not ours."""

    def read(day: Any, start: Any, identifier: Any) -> PagePosition:  # noqa: ANN401 - whatever JSON holds
        return PagePosition(
            day=None if day is None else date.fromisoformat(day),
            start=None if start is None else time.fromisoformat(start),
            session_id=TutoringSessionId(_number(identifier, MAX_ID)),
        )

    return _opened(token, question, read)


def number_page_token(number: int | None, question: object) -> str:
    """Return the token of the next page of a list in the order of its numbers; empty if there is none."""
    return "" if number is None else _sealed(question, number)


def number_page_position(token: str, question: object, *, largest: int = MAX_ID) -> int | None:
    """Return the number at which the page before ended; None for the first one. InvalidArgument for a foreign token."""
    return _opened(token, question, lambda number: _number(number, largest))


def evaluation_page_token(position: DecisionPosition | None, question: object) -> str:
    """Return the token of the next page of decisions that are judged anew; empty if there is none."""
    return "" if position is None else _sealed(question, position.decided_at.isoformat(), position.decision_id)


def evaluation_page_position(token: str, question: object) -> DecisionPosition | None:
    """Return the decision after which the page begins; None for the first one. InvalidArgument for a foreign token."""

    def read(decided_at: Any, identifier: Any) -> DecisionPosition:  # noqa: ANN401 - whatever JSON holds
        return DecisionPosition(datetime.fromisoformat(decided_at), _number(identifier, LARGEST_DECISION_ID))

    return _opened(token, question, read)


def _sealed(question: object, *parts: object) -> str:
    content = json.dumps([fingerprint(question), *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode()


def _opened(token: str, question: object, read: Callable[..., _PositionT]) -> _PositionT | None:
    if not token:
        return None
    try:
        mark, *parts = _decoded(token)
        position = read(*parts)
    except (ValueError, TypeError) as error:
        raise _refused() from error
    if mark != fingerprint(question):
        raise _refused()
    return position


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


def _refused() -> InvalidArgument:
    return invalid("page_token", "is not a token of this list with these filters; leave it empty for the first page")
