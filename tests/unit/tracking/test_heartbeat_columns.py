"""Heartbeats as columns: joined per participant exactly as one by one."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    HeartbeatColumns,
    connection_number,
    extensions,
    key_of,
    participant,
    together,
)

TIMEOUT = 75
MAX_ID = 2**31 - 1

ids = st.integers(1, MAX_ID)
#: Participant, time, connection.
rows = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4 * TIMEOUT), st.integers(0, 2)), max_size=20)


def columns(heartbeats: list[tuple[int, int, int]]) -> HeartbeatColumns:
    keys, times, connections = zip(*heartbeats, strict=True) if heartbeats else ((), (), ())
    return HeartbeatColumns(np.array(keys, np.int64), np.array(times, np.int64), np.array(connections, np.uint32))


def joined_one_by_one(heartbeats: list[tuple[int, int, int]]) -> tuple[list[tuple[int, int, int, int]], list[int]]:
    """Join heartbeats as `extensions` promises, without columns."""
    by_participant: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, at, connection in heartbeats:
        by_participant[key].append((at, connection))
    whole, several = [], []
    for key, own in sorted(by_participant.items()):
        times = sorted(at for at, _ in own)
        silent = any(later - earlier > TIMEOUT for earlier, later in pairwise(times))
        if silent or len({connection for _, connection in own}) > 1:
            several.append(key)
        else:
            whole.append((key, times[0], times[-1], own[0][1]))
    return whole, several


@given(session_id=ids, user_id=ids, user_type=st.sampled_from(UserType))
def test_a_key_identifies_its_participant_and_fits_into_a_bigint(
    session_id: int, user_id: int, user_type: UserType
) -> None:
    known = Participant(WhiteboardSessionId(session_id), UserId(user_id), user_type)
    assert participant(key_of(known)) == known
    assert 0 < key_of(known) < 2**63


@given(rows)
def test_heartbeats_of_a_participant_are_joined_unless_they_were_silent_or_used_several_connections(
    heartbeats: list[tuple[int, int, int]],
) -> None:
    whole, several = extensions(columns(heartbeats), TIMEOUT)
    assert (list(zip(*(column.tolist() for column in whole), strict=True)), several.tolist()) == joined_one_by_one(
        heartbeats
    )


@given(rows, rows)
def test_parts_together_hold_the_rows_of_both(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> None:
    joined = together([columns(first), columns(second)])
    assert list(zip(*(column.tolist() for column in joined), strict=True)) == [*first, *second]


def test_no_parts_together_are_no_heartbeats() -> None:
    assert together([]) is NO_HEARTBEATS


def test_a_connection_has_the_number_that_postgresql_computes_and_no_id_is_zero() -> None:
    assert connection_number("") == 0
    assert connection_number("laptop") == 0x5EEC0DC4
