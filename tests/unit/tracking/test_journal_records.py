"""Records of the journal: however a flush is divided, each group finds all of its own in its buckets, and as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.grouping import GROUPS, UNDIVIDED
from tracking_service.domain.heartbeat_columns import HeartbeatColumns, key_of
from tracking_service.domain.journal import (
    BUCKET_LEVELS,
    MIN_HEARTBEATS,
    NO_SOURCE,
    JournalPart,
    JournalRecord,
    Source,
    buckets_of,
    records,
)
from tracking_service.store.journal_format import decoded, encoded

MAX_ID = 2**31 - 1
#: 2026-01-01 to 2100-01-01, in microseconds.
TIMES = st.integers(1_767_225_600_000_000, 4_102_444_800_000_000)

participants = st.builds(
    Participant,
    st.integers(1, MAX_ID).map(WhiteboardSessionId),
    st.integers(1, MAX_ID).map(UserId),
    st.sampled_from(UserType),
)
heartbeats = st.tuples(participants.map(key_of), TIMES, st.integers(0, 2**32 - 1))
events = st.builds(
    PresenceEvent,
    participants,
    st.sampled_from(EventKind),
    TIMES.map(Instant),
    st.text(max_size=5),
    st.sampled_from(["", "drawing", "voice"]),
    st.sampled_from(EndReason),
)
sources = st.sampled_from([NO_SOURCE, Source(StreamId(UUID(int=1))), Source(StreamId(UUID(int=2)), is_live=True)])

Row = tuple[int, int, int]


def columns(rows: Sequence[Row]) -> HeartbeatColumns:
    keys, times, connections = zip(*rows, strict=True) if rows else ((), (), ())
    return HeartbeatColumns(np.array(keys, np.int64), np.array(times, np.int64), np.array(connections, np.uint32))


def rows_of(heartbeats: HeartbeatColumns) -> list[Row]:
    return list(zip(*(column.tolist() for column in heartbeats), strict=True))


#: With few and with many heartbeats, so that there are records of every level.
parts = st.builds(
    lambda source, rows, repeated, own: JournalPart(source, columns(rows * repeated), own),
    sources,
    st.lists(heartbeats, max_size=60),
    st.sampled_from([1, 10, 100]),
    st.lists(events, max_size=5),
)


def contents(record: JournalRecord, group: int) -> Counter[object]:
    """Return what a record holds of a group, with where it came from."""
    found: Counter[object] = Counter()
    for part in record.parts:
        found.update(
            (part.source, row) for row in rows_of(part.heartbeats) if UNDIVIDED.group_of(row[0] >> 32) == group
        )
        found.update(
            (part.source, event) for event in part.events if UNDIVIDED.group_of(event.participant.session_id) == group
        )
    return found


def groups_in(flush: Sequence[JournalPart]) -> set[int]:
    return {UNDIVIDED.group_of(row[0] >> 32) for part in flush for row in rows_of(part.heartbeats)} | {
        UNDIVIDED.group_of(event.participant.session_id) for part in flush for event in part.events
    }


@given(st.lists(parts, max_size=3))
def test_a_group_finds_everything_of_its_own_in_its_buckets(flush: list[JournalPart]) -> None:
    divided = list(records(flush, {}))
    for group in groups_in(flush):
        found = sum((contents(one, group) for one in divided if one.bucket in buckets_of(group)), Counter[object]())
        assert found == contents(JournalRecord(1, flush), group)


@given(st.lists(parts, max_size=3))
def test_no_more_records_are_made_than_are_worth_their_cost(flush: list[JournalPart]) -> None:
    count = sum(len(part.heartbeats) for part in flush)
    divided = list(records(flush, {}))
    wide = [level for level in BUCKET_LEVELS if count >= MIN_HEARTBEATS[level]]
    assert {one.bucket // wide[-1] for one in divided} <= {1}
    assert len({one.bucket for one in divided}) == len(divided) <= wide[-1]


def test_each_group_has_a_bucket_of_its_own_and_shares_the_others() -> None:
    widest, middle, narrowest = zip(*map(buckets_of, range(GROUPS)), strict=True)
    assert (len(set(widest)), len(set(middle)), len(set(narrowest))) == BUCKET_LEVELS
    assert not set(widest) & set(middle)
    assert not set(middle) & set(narrowest)


@given(parts, st.dictionaries(st.integers(1, 2**32 - 1), st.text(min_size=1, max_size=5), max_size=3))
def test_a_record_reads_back_as_it_was_written(part: JournalPart, connection_ids: dict[int, str]) -> None:
    [read] = [decoded(1, encoded(JournalRecord(1, [part], connection_ids)))]
    [own] = read.parts
    assert (read.bucket, read.connection_ids) == (1, connection_ids)
    assert (own.source, rows_of(own.heartbeats), list(own.events)) == (
        part.source,
        rows_of(part.heartbeats),
        list(part.events),
    )


@pytest.mark.parametrize("level", BUCKET_LEVELS)
def test_a_connection_is_named_in_the_record_that_holds_its_heartbeats(level: int) -> None:
    count = MIN_HEARTBEATS[level]
    rows = [(key_of(Participant(WhiteboardSessionId(n), UserId(1), UserType.TUTOR)), 5, n) for n in range(1, count + 1)]
    names = {number: f"tab {number}" for number in range(1, count + 1)}
    for record in records([JournalPart(NO_SOURCE, columns(rows))], names):
        own = {row[2] for part in record.parts for row in rows_of(part.heartbeats)}
        assert record.connection_ids == {number: names[number] for number in own}
