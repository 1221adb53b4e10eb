"""Plain heartbeats as columns: what their numbers mean, and how a participant's become one extension."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    connection_number,
    extensions,
    key_of,
    participant,
)
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats

TIMEOUT = 75
MAX_ID = 2**31 - 1

ids = st.integers(1, MAX_ID)
#: Key, time and connection.
heartbeats = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4 * TIMEOUT), st.sampled_from(["", "tab"])))
Rows = list[tuple[int, int, str]]


def numbered(rows: Rows, first_sequence: int = 1) -> NumberedHeartbeats:
    made = NumberedHeartbeats()
    for sequence, (key, at, connection_id) in enumerate(rows, first_sequence):
        made.add(sequence, key, Instant(at), connection_id)
    return made


@given(session_id=ids, user_id=ids, user_type=st.sampled_from(UserType))
def test_a_key_identifies_its_participant_and_fits_into_a_bigint(
    session_id: int, user_id: int, user_type: UserType
) -> None:
    one = Participant(WhiteboardSessionId(session_id), UserId(user_id), user_type)
    assert participant(key_of(one)) == one
    assert 0 < key_of(one) < 2**63


def test_a_connection_without_an_id_has_the_number_0() -> None:
    assert connection_number("") == 0
    assert connection_number("tab") not in {0, connection_number("phone")}


@given(heartbeats, heartbeats)
def test_parts_that_are_put_together_hold_the_rows_of_both(first: Rows, second: Rows) -> None:
    both = numbered(first)
    both.extend(numbered(second, first_sequence=len(first) + 1))
    assert list(both.rows()) == [(sequence, *row) for sequence, row in enumerate([*first, *second], 1)]


@given(heartbeats)
def test_columns_that_are_added_are_the_rows_that_were_read(rows: Rows) -> None:
    source = numbered(rows)
    copy = NumberedHeartbeats()
    if rows:
        copy.add_columns(source.sequences(), source.columns(), source.connection_ids)
    assert list(copy.rows()) == list(source.rows())


def test_no_heartbeats_are_no_columns() -> None:
    assert NumberedHeartbeats().columns() is NO_HEARTBEATS
    whole, several = extensions(NO_HEARTBEATS, TIMEOUT)
    assert (len(whole.keys), len(several)) == (0, 0)


@given(heartbeats)
def test_a_participant_has_one_extension_or_used_several_connections_or_was_silent(rows: Rows) -> None:
    whole, several = extensions(numbered(rows).columns(), TIMEOUT)
    extended = {
        key: (first, last, connection)
        for key, first, last, connection in zip(*(column.tolist() for column in whole), strict=True)
    }
    assert list(extended) == sorted(extended)
    for key in {key for key, _, _ in rows}:
        times = sorted(at for one, at, _ in rows if one == key)
        used = {connection_id for one, _, connection_id in rows if one == key}
        if len(used) > 1 or any(later - earlier > TIMEOUT for earlier, later in pairwise(times)):
            assert key in several
            assert key not in extended
        else:
            assert extended[key] == (times[0], times[-1], connection_number(*used))
    assert len(np.unique(several)) + len(extended) == len({key for key, _, _ in rows})
