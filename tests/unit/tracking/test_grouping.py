"""How sessions are divided into groups, and groups among shards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_service.domain.grouping import ALL_GROUPS, GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import participant_key

SHARDED = Grouping(8)
session_ids = st.integers(1, 2**31 - 1)


@pytest.mark.parametrize("grouping", [UNDIVIDED, SHARDED])
@given(sessions=st.lists(session_ids, min_size=1))
def test_a_session_has_the_same_group_alone_and_in_a_column(grouping: Grouping, sessions: list[int]) -> None:
    keys = np.array([participant_key(session, 7, is_student=True) for session in sessions])
    assert grouping.groups_of(keys).tolist() == [grouping.group_of(session) for session in sessions]


@pytest.mark.parametrize("grouping", [UNDIVIDED, SHARDED])
def test_the_row_of_a_group_has_the_id_of_a_session_in_it(grouping: Grouping) -> None:
    assert [grouping.group_of(grouping.anchor(group)) for group in ALL_GROUPS] == list(ALL_GROUPS)


def test_in_one_postgresql_all_groups_are_together() -> None:
    assert [list(groups) for groups in UNDIVIDED.by_shard(ALL_GROUPS)] == [list(ALL_GROUPS)]
    assert UNDIVIDED.by_shard([]) == []


def test_the_groups_of_a_shard_are_neighbours() -> None:
    assert SHARDED.by_shard([255, 0, 31, 32]) == [[0, 31], [32], [255]]
    assert [len(groups) for groups in SHARDED.by_shard(ALL_GROUPS)] == [GROUPS // 8] * 8


def test_the_groups_of_a_server_are_those_of_its_shards() -> None:
    of_two = Grouping(4, servers=(1, 2, 1, 2))
    assert of_two.by_server([255, 0, 64, 128]) == [[0, 128], [64, 255]]
    assert list(map(of_two.server_of, (0, 64, 128, 192))) == [1, 2, 1, 2]
    assert UNDIVIDED.by_server(ALL_GROUPS) == [list(ALL_GROUPS)]


@given(sessions=st.lists(session_ids, unique=True))
def test_sessions_are_divided_as_their_groups_are(sessions: list[int]) -> None:
    parts = SHARDED.sessions_by_shard(sessions)
    assert sorted(session for part in parts for session in part) == sorted(sessions)
    shards = [{SHARDED.group_of(session) * 8 // GROUPS for session in part} for part in parts]
    assert all(len(shard) == 1 for shard in shards)
    assert len(set.union(set(), *shards)) == len(parts)
