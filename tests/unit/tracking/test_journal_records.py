"""Records of the journal: however a flush is divided, each group finds all of its own in its buckets, and as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import example, given
from hypothesis import strategies as st

from astegni.tracking.journal.v1 import journal_pb2
from servicekit.clock import Instant
from servicekit.identifiers import StreamId, UserId, WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.grouping import GROUPS, UNDIVIDED
from tracking_service.domain.heartbeat_columns import NO_CONNECTION_IDS, ConnectionIds, HeartbeatColumns, key_of
from tracking_service.domain.journal import (
    BUCKET_LEVELS,
    MIN_HEARTBEATS,
    NO_SOURCE,
    WHOLE_FLUSH,
    JournalRecord,
    Source,
    SourcedEvent,
    buckets_of,
    records,
)
from tracking_service.store.journal_format import decoded, encoded, traces

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
SOURCES = [NO_SOURCE, Source(StreamId(UUID(int=1))), Source(StreamId(UUID(int=2)), is_live=True)]

Row = tuple[int, int, int]


@pytest.fixture(scope="module", autouse=True)
def small_flushes_are_divided() -> Iterator[None]:
    """Let flushes have records of every level that are not large enough to take long."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for level, heartbeats in zip(BUCKET_LEVELS, (0, 10, 30), strict=True):
            monkeypatch.setitem(MIN_HEARTBEATS, level, heartbeats)
        yield


def columns(rows: Sequence[Row]) -> HeartbeatColumns:
    keys, times, connections = zip(*rows, strict=True) if rows else ((), (), ())
    return HeartbeatColumns(np.array(keys, np.int64), np.array(times, np.int64), np.array(connections, np.uint32))


def rows_of(heartbeats: HeartbeatColumns) -> list[Row]:
    return list(zip(*(column.tolist() for column in heartbeats), strict=True))


def flush_of(
    sources: Sequence[Source],
    rows: Sequence[tuple[int, Row]],
    own: Sequence[tuple[int, PresenceEvent]] = (),
    names: ConnectionIds = NO_CONNECTION_IDS,
) -> JournalRecord:
    """Return a flush of heartbeats and events, each with the position of its source."""
    by_source = sorted(rows, key=lambda one: one[0])
    return JournalRecord(
        WHOLE_FLUSH,
        sources,
        columns([row for _, row in by_source]),
        np.array([source for source, _ in by_source], np.intp),
        [SourcedEvent(*one) for one in own],
        names,
    )


positions = st.integers(0, len(SOURCES) - 1)
flushes = st.builds(
    lambda rows, own: flush_of(SOURCES, rows, own),
    st.lists(st.tuples(positions, heartbeats), max_size=60),
    st.lists(st.tuples(positions, events), max_size=5),
)
connection_names = st.dictionaries(st.integers(1, 2**32 - 1), st.text(min_size=1, max_size=5), max_size=3)


def heartbeats_of(record: JournalRecord) -> list[tuple[Source, Row]]:
    from_sources = [record.sources[source] for source in record.heartbeat_sources.tolist()]
    return list(zip(from_sources, rows_of(record.heartbeats), strict=True))


def events_of(record: JournalRecord) -> list[tuple[Source, PresenceEvent]]:
    return [(record.sources[source], event) for source, event in record.events]


def contents(record: JournalRecord, group: int) -> Counter[object]:
    """Return what a record holds of a group, with where it came from."""
    found: Counter[object] = Counter(
        one for one in heartbeats_of(record) if UNDIVIDED.group_of(one[1][0] >> 32) == group
    )
    found.update(one for one in events_of(record) if UNDIVIDED.group_of(one[1].participant.session_id) == group)
    return found


def groups_in(record: JournalRecord) -> set[int]:
    return {UNDIVIDED.group_of(key >> 32) for key in record.heartbeats.keys.tolist()} | {
        UNDIVIDED.group_of(one.event.participant.session_id) for one in record.events
    }


@given(flushes)
def test_a_group_finds_everything_of_its_own_in_its_buckets(flush: JournalRecord) -> None:
    divided = list(records(flush))
    for group in groups_in(flush):
        found = sum((contents(one, group) for one in divided if one.bucket in buckets_of(group)), Counter[object]())
        assert found == contents(flush, group)


@given(flushes)
def test_what_came_from_a_source_stays_in_its_order(flush: JournalRecord) -> None:
    for record in records(flush):
        for source in record.sources:
            own = [row for origin, row in heartbeats_of(record) if origin == source]
            known = frozenset(own)
            sent = [row for origin, row in heartbeats_of(flush) if origin == source and row in known]
            assert own == sent
            happened = [event for origin, event in events_of(record) if origin == source]
            assert happened == [event for origin, event in events_of(flush) if origin == source and event in happened]


@given(flushes)
def test_no_more_records_are_made_than_are_worth_their_cost(flush: JournalRecord) -> None:
    divided = list(records(flush))
    wide = [level for level in BUCKET_LEVELS if len(flush.heartbeats) >= MIN_HEARTBEATS[level]]
    assert {one.bucket // wide[-1] for one in divided} <= {1}
    assert len({one.bucket for one in divided}) == len(divided) <= wide[-1]


def test_each_group_has_a_bucket_of_its_own_and_shares_the_others() -> None:
    widest, middle, narrowest = zip(*map(buckets_of, range(GROUPS)), strict=True)
    assert (len(set(widest)), len(set(middle)), len(set(narrowest))) == BUCKET_LEVELS
    assert not set(widest) & set(middle)
    assert not set(middle) & set(narrowest)


def assert_same(read: JournalRecord, written: JournalRecord) -> None:
    assert (read.bucket, read.connection_ids) == (written.bucket, written.connection_ids)
    assert heartbeats_of(read) == heartbeats_of(written)
    assert events_of(read) == events_of(written)


@example(flush_of([], []), {})
@given(flushes, connection_names)
def test_a_record_reads_back_as_it_was_written(flush: JournalRecord, names: dict[int, str]) -> None:
    written = flush._replace(connection_ids=names)
    assert_same(decoded(WHOLE_FLUSH, encoded(written)), written)


@given(flushes)
def test_a_record_says_whose_participants_are_still_to_be_checked(flush: JournalRecord) -> None:
    written = flush._replace(sources=[flush.sources[0], *(source.unchecked() for source in flush.sources[1:])])
    assert_same(decoded(WHOLE_FLUSH, encoded(written)), written)
    # The version before does not take them for checked.
    assert not encoded(written).startswith(encoded(flush)[:1])


@given(flushes, st.sets(st.integers(0, GROUPS - 1)))
def test_a_record_is_read_with_the_events_of_some_groups(flush: JournalRecord, groups: set[int]) -> None:
    own = [one for one in flush.events if UNDIVIDED.group_of(one.event.participant.session_id) in groups]
    for content in (encoded(flush), bytes_of_parts(flush)):
        read = decoded(WHOLE_FLUSH, content, groups)
        assert heartbeats_of(read) == heartbeats_of(flush)
        assert Counter(events_of(read)) == Counter(events_of(flush._replace(events=own)))


def sessions_in(record: JournalRecord) -> set[int]:
    return {key >> 32 for key in record.heartbeats.keys.tolist()} | {
        one.event.participant.session_id for one in record.events
    }


@given(flushes)
def test_a_record_has_a_trace_of_each_session_that_it_concerns(flush: JournalRecord) -> None:
    for content in (encoded(flush), bytes_of_parts(flush)):
        for session_id in sessions_in(flush):
            assert any(trace in content for trace in traces(WhiteboardSessionId(session_id)))


def bytes_of_parts(record: JournalRecord) -> bytes:
    """Return a record as it was written until it had one set of columns."""
    written = journal_pb2.JournalRecord.FromString(encoded(record)[1:])
    parts = []
    for position, source in enumerate(record.sources):
        own = record.heartbeats.selected(record.heartbeat_sources == position)
        parts.append(
            journal_pb2.JournalPart(
                stream_id=source.stream.bytes if source.stream else b"",
                is_live=source.is_live,
                participants=own.keys.tobytes(),
                times=own.times.tobytes(),
                connections=own.connections.tobytes(),
                events=[
                    event
                    for event, origin in zip(written.events, written.event_sources, strict=True)
                    if origin == position
                ],
            )
        )
    return journal_pb2.RecordOfParts(parts=parts, connection_ids=record.connection_ids).SerializeToString()


@example(flush_of([], []), {})
@given(flushes, connection_names)
def test_a_record_of_the_version_before_reads_as_it_was_written(flush: JournalRecord, names: dict[int, str]) -> None:
    in_parts = sorted(flush.events, key=lambda one: one.source)
    written = flush._replace(connection_ids=names, events=in_parts)
    assert_same(decoded(WHOLE_FLUSH, bytes_of_parts(written)), written)


@given(flushes)
def test_the_version_before_does_not_take_a_record_for_an_empty_one(flush: JournalRecord) -> None:
    with pytest.raises(DecodeError):
        journal_pb2.RecordOfParts.FromString(encoded(flush))


@pytest.mark.parametrize("level", BUCKET_LEVELS)
def test_a_connection_is_named_in_the_record_that_holds_its_heartbeats(level: int) -> None:
    count = MIN_HEARTBEATS[level]
    rows = [(key_of(Participant(WhiteboardSessionId(n), UserId(1), UserType.TUTOR)), 5, n) for n in range(1, count + 1)]
    names = {number: f"tab {number}" for number in range(1, count + 1)}
    for record in records(flush_of([NO_SOURCE], [(0, row) for row in rows], names=names)):
        own = set(record.heartbeats.connections.tolist())
        assert record.connection_ids == {number: names[number] for number in own}
