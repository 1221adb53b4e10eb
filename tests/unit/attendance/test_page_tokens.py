from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.evaluation import DecisionPosition
from attendance_service.domain.inbox import InboxKind, InboxPosition
from attendance_service.domain.listing import SessionPosition
from attendance_service.wire.page_tokens import (
    MAX_DECISION_ID,
    evaluation_page_position,
    evaluation_page_token,
    inbox_page_position,
    inbox_page_token,
    number_page_position,
    number_page_token,
    page_scope,
    session_page_position,
    session_page_token,
)
from servicekit.errors import InvalidArgument
from servicekit.etag import etag
from servicekit.identifiers import MAX_ID, TutoringSessionId, UserId

ID = TutoringSessionId(5)
POSITION = SessionPosition(day=date(2026, 3, 2), start=time(10, 30), session_id=ID)
SCOPE = (101, "tutor", "completed")
TUTOR = Caller(user_id=UserId(101), role=CallerRole.TUTOR)


@given(st.none() | st.dates(), st.none() | st.times(), st.integers(1, 2**31 - 1))
def test_a_token_leads_back_to_its_position(day: date | None, start: time | None, session_id: int) -> None:
    position = SessionPosition(day=day, start=start, session_id=TutoringSessionId(session_id))
    assert session_page_position(session_page_token(position, SCOPE), SCOPE) == position


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(InboxKind),
    st.integers(1, MAX_DECISION_ID),
    st.integers(0, MAX_ID),
)
def test_a_token_of_an_inbox_leads_back_to_its_position(
    happened_at: datetime, kind: InboxKind, identifier: int, student_id: int
) -> None:
    position = InboxPosition(happened_at=happened_at, kind=kind, identifier=identifier, student_id=student_id)
    assert inbox_page_position(inbox_page_token(position, SCOPE), SCOPE) == position


@pytest.mark.parametrize(
    "parts",
    [
        ("yesterday", "claim", 1, 1),
        ("2026-03-02T10:00:00+00:00", "letter", 1, 1),
        ("2026-03-02T10:00:00+00:00", "claim", 0, 1),
        ("2026-03-02T10:00:00+00:00", "claim", 1, -1),
        ("2026-03-02T10:00:00+00:00", "claim", 1, "1"),
        ("2026-03-02T10:00:00+00:00", "claim", 1, None),
        ("2026-03-02T10:00:00", "claim", 1, 1),
        ("2026-03-02T10:00:00+00:00", "claim", 1),
    ],
)
def test_another_position_is_refused_as_a_token_of_an_inbox(parts: tuple[Any, ...]) -> None:
    token = base64.urlsafe_b64encode(json.dumps([etag(SCOPE), *parts]).encode()).decode()
    with pytest.raises(InvalidArgument, match="page_token"):
        inbox_page_position(token, SCOPE)


def test_no_position_is_an_empty_token_and_the_other_way_round() -> None:
    assert session_page_token(None, SCOPE) == ""
    assert session_page_position("", SCOPE) is None


def test_a_token_is_refused_with_other_filters() -> None:
    with pytest.raises(InvalidArgument, match="page_token"):
        session_page_position(session_page_token(POSITION, SCOPE), (101, "tutor", "missed"))


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_other_text_is_refused_as_a_token_of_sessions(token: str) -> None:
    with pytest.raises(InvalidArgument, match="page_token"):
        session_page_position(token, SCOPE)


@pytest.mark.parametrize(
    "content",
    [
        "1",
        "{}",
        "[]",
        '["{scope}",0]',
        '["{scope}",9223372036854775808]',
        '["{scope}",true]',
        '["{scope}","7"]',
        '["{scope}"]',
        '["{scope}",7,7]',
        # The tokens of rankings before their pages followed ids.
        '["{scope}",92.5,7]',
        '["{scope}",null,7]',
        '["other",7]',
        "[" * 100_000,
    ],
)
def test_any_other_content_is_refused_as_a_token_of_numbers(content: str) -> None:
    token = base64.urlsafe_b64encode(content.replace("{scope}", etag(ID)).encode()).decode()
    with pytest.raises(InvalidArgument, match="page_token"):
        number_page_position(token, ID, maximum=MAX_DECISION_ID)


def test_a_token_of_numbers_leads_back_to_its_position() -> None:
    assert number_page_position(number_page_token(12, ID), ID) == 12
    assert number_page_position(number_page_token(None, ID), ID) is None


def test_a_number_that_the_list_cannot_have_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="page_token"):
        number_page_position(number_page_token(MAX_ID + 1, ID), ID)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(1, MAX_DECISION_ID))
def test_a_token_of_an_evaluation_leads_back_to_its_position(decided_at: datetime, identifier: int) -> None:
    position = DecisionPosition(decided_at, identifier)
    assert evaluation_page_position(evaluation_page_token(position, SCOPE), SCOPE) == position


def scope(message: Message, caller: Caller = TUTOR) -> object:
    return page_scope(message, caller)


@pytest.mark.parametrize("next_page", [{"page_size": 7}, {"page_token": "x"}, {"preview": False}])
def test_a_token_stays_valid_if_only_the_page_or_preview_changes(next_page: dict[str, Any]) -> None:
    first = pb.ApplySuggestionsRequest(preview=True)
    assert scope(pb.ApplySuggestionsRequest(**next_page)) == scope(first)


@pytest.mark.parametrize(
    "other",
    [
        pb.ListSessionsRequest(search="x"),
        pb.ListSessionsRequest(status_filter="missed"),
        pb.ListSessionsRequest(date_from="2026-03-02"),
        pb.ListStudentsRequest(),
    ],
)
def test_a_token_is_bound_to_the_list_and_every_filter(other: Message) -> None:
    assert scope(other) != scope(pb.ListSessionsRequest())


@pytest.mark.parametrize(
    "caller",
    [Caller(user_id=UserId(102), role=CallerRole.TUTOR), Caller(user_id=UserId(101), role=CallerRole.PARENT)],
)
def test_a_token_is_bound_to_the_caller_and_their_role(caller: Caller) -> None:
    assert scope(pb.ListSessionsRequest(), caller) != scope(pb.ListSessionsRequest())
