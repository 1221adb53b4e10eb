"""The table of known connections answers like a dict, whatever the keys are, and keeps those in use."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracking_service.domain.heartbeat_columns import participant_key
from tracking_service.domain.known_connections import MIN_SLOT_BITS, KnownConnections

MAX_ID = 2**31 - 1
#: Few sessions and users, so that keys come again, and the largest that there may be.
ids = st.sampled_from([1, 2, 3, 4_096, MAX_ID])
keys = st.builds(
    lambda session, user, student: participant_key(session, user, is_student=student), ids, ids, st.booleans()
)
connections = st.integers(0, 2**32 - 1)


def known(table: KnownConnections, of: list[int]) -> dict[int, int]:
    """Return the connection of each participant who is known."""
    found = table.find(np.array(of, np.int64))
    rows = zip(of, found.is_known.tolist(), found.connections.tolist(), strict=True)
    return {key: connection for key, is_known, connection in rows if is_known}


def put(table: KnownConnections, connections_by_key: dict[int, int]) -> None:
    table.put(np.array([*connections_by_key], np.int64), np.array([*connections_by_key.values()], np.uint32))


def participants(session_ids: range) -> dict[int, int]:
    """Return one participant of each session, with its number as the connection."""
    return {participant_key(number, 7, is_student=True): number for number in session_ids}


@given(st.lists(st.dictionaries(keys, connections, max_size=20), max_size=6), st.lists(keys, max_size=20))
def test_what_was_put_is_found_and_nothing_else(rounds: list[dict[int, int]], asked: list[int]) -> None:
    table, expected = KnownConnections(), dict[int, int]()
    for one in rounds:
        put(table, one)
        expected |= one
    assert known(table, asked) == {key: expected[key] for key in asked if key in expected}


def test_a_table_that_grows_forgets_nobody() -> None:
    table, everybody = KnownConnections(), participants(range(1, 2 << MIN_SLOT_BITS))
    put(table, everybody)
    assert known(table, [*everybody]) == everybody


@given(st.dictionaries(keys, connections), st.sets(ids))
def test_the_members_of_a_forgotten_session_are_unknown(everybody: dict[int, int], sessions: set[int]) -> None:
    table = KnownConnections()
    put(table, everybody)
    table.forget_sessions(np.array([*sessions], np.int64))
    assert known(table, [*everybody]) == {key: number for key, number in everybody.items() if key >> 32 not in sessions}


def test_a_full_generation_forgets_those_who_were_not_looked_up_since() -> None:
    table = KnownConnections(max_per_generation=100)
    gone, present = participants(range(1, 51)), participants(range(51, 101))
    put(table, gone | present)
    for first in range(101, 301, 100):
        put(table, participants(range(first, first + 50)))
        known(table, [*present])
    put(table, participants(range(301, 351)))
    assert known(table, [*(gone | present)]) == present


def test_a_forgotten_session_is_forgotten_in_both_generations() -> None:
    table = KnownConnections(max_per_generation=1)
    everybody = participants(range(1, 3))
    for key, number in everybody.items():
        put(table, {key: number})
    table.forget_sessions(np.array([1, 2], np.int64))
    assert known(table, [*everybody]) == {}


@given(
    st.lists(st.one_of(st.dictionaries(keys, connections, max_size=20), st.sets(ids, max_size=2)), max_size=8),
    st.lists(keys, max_size=20),
)
def test_participants_come_and_are_forgotten_in_any_order(
    rounds: list[dict[int, int] | set[int]], asked: list[int]
) -> None:
    table, expected = KnownConnections(), dict[int, int]()
    for one in rounds:
        if isinstance(one, dict):
            put(table, one)
            expected |= one
        else:
            table.forget_sessions(np.array([*one], np.int64))
            expected = {key: number for key, number in expected.items() if key >> 32 not in one}
    assert known(table, asked) == {key: expected[key] for key in asked if key in expected}


def test_sessions_that_are_forgotten_again_and_again_leave_room_for_others() -> None:
    table, present = KnownConnections(), participants(range(1, 100))
    put(table, present)
    for first in range(100, 8 << MIN_SLOT_BITS, 1_000):
        put(table, participants(range(first, first + 1_000)))
        table.forget_sessions(np.arange(first, first + 1_000, dtype=np.int64))
    assert known(table, [*present, *participants(range(100, 8 << MIN_SLOT_BITS))]) == present


def test_everybody_can_be_forgotten() -> None:
    table, everybody = KnownConnections(), participants(range(1, 10))
    put(table, everybody)
    table.forget_everybody()
    assert known(table, [*everybody]) == {}
