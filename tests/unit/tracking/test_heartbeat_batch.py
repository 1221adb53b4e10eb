"""Plain heartbeats as columns: one row per participant."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.heartbeat_batch import (
    NO_HEARTBEATS,
    PlainHeartbeat,
    coalesce,
    participant,
    participant_key,
    split_by_session,
)

TIMEOUT = 75
MAX_ID = 2**31 - 1

ids = st.integers(1, MAX_ID)
times = st.integers(0, 4 * TIMEOUT).map(Instant)


def plain_heartbeat(key: int, at: int, connection_id: str = "") -> PlainHeartbeat:
    return PlainHeartbeat(1, key, Instant(at), connection_id)


@given(session_id=ids, user_id=ids, user_type=st.sampled_from(UserType))
def test_a_key_identifies_its_participant_and_fits_into_a_bigint(
    session_id: int, user_id: int, user_type: UserType
) -> None:
    key = participant_key(session_id, user_id, is_student=user_type is UserType.STUDENT)
    assert participant(key) == Participant(WhiteboardSessionId(session_id), UserId(user_id), user_type)
    assert 0 < key < 2**63


def test_no_heartbeats_make_no_rows() -> None:
    assert coalesce([], TIMEOUT) == (NO_HEARTBEATS, [])


def test_heartbeats_of_different_participants_are_a_row_each_in_the_order_of_the_keys() -> None:
    columns, others = coalesce([plain_heartbeat(2, 10), plain_heartbeat(1, 20, "tab")], TIMEOUT)
    assert (list(zip(*columns, strict=True)), others) == ([(1, 20, 20, "tab"), (2, 10, 10, "")], [])


def test_a_heartbeat_after_a_silence_or_before_the_first_or_of_another_connection_does_not_fit_into_the_row() -> None:
    heartbeats = [
        plain_heartbeat(1, 10),
        plain_heartbeat(1, 10 + TIMEOUT),
        plain_heartbeat(1, 9),
        plain_heartbeat(1, 20, "tab"),
        plain_heartbeat(1, 11 + 2 * TIMEOUT),
    ]
    columns, others = coalesce(heartbeats, TIMEOUT)
    assert list(zip(*columns, strict=True)) == [(1, 10, 10 + TIMEOUT, "")]
    assert others == heartbeats[2:]


@given(st.lists(st.builds(plain_heartbeat, st.integers(1, 3), times, st.sampled_from(["", "tab"]))))
def test_every_heartbeat_is_in_its_row_or_returned_and_no_row_contains_a_silence(
    drawn: list[PlainHeartbeat],
) -> None:
    heartbeats = [heartbeat._replace(sequence=number) for number, heartbeat in enumerate(drawn, start=1)]
    columns, others = coalesce(heartbeats, TIMEOUT)
    for key, first_at, last_at, _ in zip(*columns, strict=True):
        inside = sorted(each.at for each in heartbeats if each.participant_key == key and each not in others)
        assert (inside[0], inside[-1]) == (first_at, last_at)
        assert all(later - earlier <= TIMEOUT for earlier, later in pairwise(inside))
    assert {each.participant_key for each in heartbeats} == set(columns.participant_keys)


def test_the_halves_have_no_session_in_common_and_together_all_rows() -> None:
    keys = [
        participant_key(session_id, 7, is_student=is_student)
        for session_id in (1, 2, 3)
        for is_student in (False, True)
    ]
    columns, _ = coalesce([plain_heartbeat(key, 10, "tab") for key in keys], TIMEOUT)
    even, odd = split_by_session(columns)
    assert {participant(key).session_id for key in odd.participant_keys} == {1, 3}
    assert {participant(key).session_id for key in even.participant_keys} == {2}
    rows = [row for half in (even, odd) for row in zip(*half, strict=True)]
    assert sorted(rows) == list(zip(*columns, strict=True))
