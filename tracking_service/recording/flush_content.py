"""What a flush writes to the journal, of all its submissions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from servicekit.errors import DomainError
from servicekit.identifiers import StreamId
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    ConnectionIds,
    Int64s,
    Uint32s,
    connection_number,
    key_of,
)
from tracking_service.domain.journal import NO_SOURCE, WHOLE_FLUSH, JournalRecord, Source, SourcedEvent
from tracking_service.domain.numbered_heartbeats import NumberedHeartbeats
from tracking_service.recording.submission import Rejection, Submission


class NewConnections(NamedTuple):
    """Connections that their writer has not written down yet, of participants who belong to their sessions."""

    keys: Int64s
    numbers: Uint32s


NO_NEW_CONNECTIONS = NewConnections(NO_HEARTBEATS.keys, NO_HEARTBEATS.connections)


class Accepted(NamedTuple):
    """What a flush writes to the journal."""

    record: JournalRecord
    new: NewConnections
    rejections: Mapping[Submission, Sequence[Rejection]]


class FlushContent:
    """What a flush writes, and its participants and their connections: of heartbeats first, then of events."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        """Gather it by source."""
        self._submissions = submissions
        by_source: defaultdict[Source, list[Submission]] = defaultdict(list)
        for submission in submissions:
            by_source[_source(submission)].append(submission)
        self._sources = list(by_source)
        # Many submissions have one heartbeat each: to make columns of each would cost ten times as much.
        heartbeats = NumberedHeartbeats()
        ends = [0]
        for parts in by_source.values():
            for part in parts:
                heartbeats.extend(part.heartbeats)
            ends.append(len(heartbeats))
        self._heartbeats = heartbeats.columns()
        self._ids = heartbeats.connection_ids
        self._heartbeat_sources = np.repeat(np.arange(len(self._sources)), np.diff(ends))
        self._events = [
            SourcedEvent(position, numbered.event)
            for position, parts in enumerate(by_source.values())
            for part in parts
            for numbered in part.events
        ]
        events = [key_of(one.event.participant) for one in self._events]
        numbers = [connection_number(one.event.connection_id) for one in self._events]
        self.keys = np.concatenate([self._heartbeats.keys, np.array(events, np.int64)])
        self.connections = np.concatenate([self._heartbeats.connections, np.array(numbers, np.uint32)])

    def accepted(self, is_new: NDArray[np.bool_]) -> Accepted:
        """Return what is written, which is everything; `is_new` says which rows introduce a connection."""
        new = self._introduced(is_new)
        ids = self._connection_ids(is_new)
        record = JournalRecord(WHOLE_FLUSH, self._sources, self._heartbeats, self._heartbeat_sources, self._events, ids)
        return Accepted(record, new, {})

    def partly_accepted(
        self, is_new: NDArray[np.bool_], refused: Mapping[int, DomainError], unchecked: Int64s
    ) -> Accepted:
        """Return what is written: not what is of participants who are refused, by their keys.

        Those of whom it is not known whether they belong come from a source of their own.
        """
        refused_keys = np.fromiter(refused, np.int64, len(refused))
        is_accepted = ~np.isin(self.keys, refused_keys)
        is_unchecked = np.isin(self.keys, unchecked)
        is_new &= is_accepted
        rows = len(self._heartbeats)
        sources = [*self._sources, *(source.unchecked() for source in self._sources)]
        moved = is_unchecked * len(self._sources)
        heartbeat_sources = self._heartbeat_sources + moved[:rows]
        # They are arranged by source.
        order = np.argsort(heartbeat_sources, kind="stable")
        order = order[is_accepted[:rows][order]]
        events = [
            SourcedEvent(one.source + further, one.event)
            for one, further in zip(self._events, moved[rows:].tolist(), strict=True)
        ]
        record = JournalRecord(
            WHOLE_FLUSH,
            sources if len(unchecked) else self._sources,
            self._heartbeats.selected(order),
            heartbeat_sources[order],
            list(compress(events, is_accepted[rows:])),
            self._connection_ids(is_new),
        )
        rejections = {
            one: rejected for one in self._submissions if (rejected := list(_rejections(one, refused, refused_keys)))
        }
        return Accepted(record, self._introduced(is_new & ~is_unchecked), rejections)

    def _introduced(self, is_new: NDArray[np.bool_]) -> NewConnections:
        # Disconnects introduce none.
        is_new[len(self._heartbeats) :] &= np.array([one.event.is_sign_of_life for one in self._events], np.bool_)
        return NewConnections(self.keys[is_new], self.connections[is_new])

    def _connection_ids(self, is_new: NDArray[np.bool_]) -> ConnectionIds:
        """Return the ids of connections of heartbeats. Events hold those of theirs themselves."""
        rows = len(self._heartbeats)
        wanted = frozenset(self.connections[:rows][is_new[:rows]].tolist())
        return {number: self._ids[number] for number in wanted & self._ids.keys()}


def _rejections(submission: Submission, refused: Mapping[int, DomainError], keys: Int64s) -> Iterator[Rejection]:
    heartbeats = submission.heartbeats
    if heartbeats:
        columns = heartbeats.columns()
        rows = np.isin(columns.keys, keys)
        for sequence, key in zip(heartbeats.sequences()[rows].tolist(), columns.keys[rows].tolist(), strict=True):
            yield Rejection(sequence, refused[key])
    for sequence, event in submission.events:
        error = refused.get(key_of(event.participant))
        if error is not None:
            yield Rejection(sequence, error)


def _source(submission: Submission) -> Source:
    hold = submission.stream
    return NO_SOURCE if hold is None or not hold.is_relays else Source(StreamId(hold.stream_id), hold.is_live)
