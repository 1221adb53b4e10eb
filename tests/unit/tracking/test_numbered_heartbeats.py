"""Plain heartbeats with their numbers, in columns that grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from tracking_service.domain.heartbeat_columns import NO_HEARTBEATS
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats

#: Key, time and connection.
heartbeats = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300), st.sampled_from(["", "tab"])))
Rows = list[tuple[int, int, str]]


def numbered(rows: Rows, first_sequence: int = 1) -> NumberedHeartbeats:
    made = NumberedHeartbeats()
    for sequence, (key, at, connection_id) in enumerate(rows, first_sequence):
        made.add(sequence, key, Instant(at), connection_id)
    return made


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
