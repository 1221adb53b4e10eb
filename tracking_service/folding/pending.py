"""What of the journal is not folded yet, for some groups or some sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.first_connects import Heartbeats
from tracking_service.domain.grouping import GROUPS, UNDIVIDED, Grouping
from tracking_service.domain.heartbeat_columns import (
    NO_HEARTBEATS,
    ConnectionIds,
    HeartbeatColumns,
    Int64s,
    key_of,
    session_ids,
    together,
)
from tracking_service.domain.journal import Source
from tracking_service.store.journal import StoredRecord
from tracking_service.store.session_groups import NOTHING, SessionGroup

#: No record has such a number: nothing of it is folded.
_NEVER = np.iinfo(np.int64).max
#: By the full rules an event takes six times as long as a plain heartbeat that extends its interval.
_HEARTBEATS_PER_EVENT = 6


class Pending(NamedTuple):
    """What is not folded yet."""

    heartbeats: HeartbeatColumns
    #: Where each heartbeat came from, as a position in `sources`.
    heartbeat_sources: NDArray[np.intp]
    sources: Sequence[Source]
    events: Mapping[Source, Sequence[PresenceEvent]]
    #: Ids of connections, where records name them.
    connection_ids: ConnectionIds

    @property
    def size(self) -> int:
        """How many heartbeats and events there are."""
        return len(self.heartbeats) + sum(map(len, self.events.values()))

    @property
    def weight(self) -> int:
        """How much work that is, in heartbeats."""
        return len(self.heartbeats) + _HEARTBEATS_PER_EVENT * sum(map(len, self.events.values()))

    @property
    def sourced_heartbeats(self) -> Heartbeats:
        """The heartbeats with where they came from."""
        return Heartbeats(self.heartbeats, self.heartbeat_sources, self.sources)

    @property
    def sessions_with_events(self) -> set[WhiteboardSessionId]:
        """The sessions that have events."""
        return {event.participant.session_id for own in self.events.values() for event in own}

    @property
    def sessions_with_heartbeats(self) -> set[WhiteboardSessionId]:
        """The sessions that have heartbeats."""
        return {WhiteboardSessionId(number) for number in np.unique(session_ids(self.heartbeats.keys)).tolist()}

    def of_sessions(self, sessions: Collection[WhiteboardSessionId]) -> Pending:
        """Return the part of some sessions."""
        rows = np.flatnonzero(np.isin(session_ids(self.heartbeats.keys), list(sessions)))
        own = {
            source: [event for event in events if event.participant.session_id in sessions]
            for source, events in self.events.items()
        }
        return self._replace(
            heartbeats=self.heartbeats.selected(rows), heartbeat_sources=self.heartbeat_sources[rows], events=own
        )

    def unchecked(self) -> Int64s:
        """Return the keys of participants who were not checked when their events were accepted."""
        if not any(source.is_unchecked for source in (*self.sources, *self.events)):
            return NO_HEARTBEATS.keys
        events = [
            key_of(event.participant) for source, own in self.events.items() if source.is_unchecked for event in own
        ]
        return np.union1d(self.heartbeats.keys[self._is_unchecked()], np.array(events, np.int64))

    def checked(self, strangers: Int64s) -> Pending:
        """Return the same, now that all are checked: without what was not checked then, of users who do not belong."""
        is_kept = ~(self._is_unchecked() & np.isin(self.heartbeats.keys, strangers))
        events: dict[Source, list[PresenceEvent]] = defaultdict(list)
        unwanted = set(strangers.tolist())
        # What was appended later, and checked, comes after it.
        for source in sorted(self.events, key=lambda source: not source.is_unchecked):
            own = self.events[source]
            if source.is_unchecked:
                own = [event for event in own if key_of(event.participant) not in unwanted]
            events[source.checked()] += own
        return self._replace(
            heartbeats=self.heartbeats.selected(is_kept),
            heartbeat_sources=self.heartbeat_sources[is_kept],
            sources=[source.checked() for source in self.sources],
            events=events,
        )

    def _is_unchecked(self) -> NDArray[np.bool_]:
        by_source = np.array([source.is_unchecked for source in self.sources], np.bool_)
        return by_source[self.heartbeat_sources]


class _StoredEvent(NamedTuple):
    writer: int
    record: int
    source: Source
    event: PresenceEvent


@dataclass(frozen=True, slots=True)
class _StoredHeartbeats:
    """Columns of equal length, by group."""

    rows: HeartbeatColumns
    #: As positions in the lists of writers and of sources.
    writers: NDArray[np.intp]
    sources: NDArray[np.intp]
    records: Int64s
    groups: Int64s
    #: Where the rows of each group begin, and where the last ones end.
    bounds: NDArray[np.intp]


class ReadRecords:
    """Records of the journal, laid out so that a part of them is found without looking at the others."""

    def __init__(self, records: Iterable[StoredRecord], grouping: Grouping = UNDIVIDED) -> None:
        stored = list(records)
        self._writers = {writer: position for position, writer in enumerate({one.writer_id for one in stored})}
        sources: dict[Source, int] = {}
        parts = [
            (one.content.heartbeats, self._writers[one.writer_id], one.number, _own_sources(one, sources))
            for one in stored
        ]
        self._sources = list(sources)
        self._heartbeats = _laid_out(parts, grouping)
        self._events: dict[int, list[_StoredEvent]] = defaultdict(list)
        self._connection_ids: dict[int, str] = {}
        for one in stored:
            self._connection_ids.update(one.content.connection_ids)
            for source, event in one.content.events:
                known = _StoredEvent(self._writers[one.writer_id], one.number, one.content.sources[source], event)
                self._events[grouping.group_of(event.participant.session_id)].append(known)

    def pending(
        self,
        groups: Sequence[SessionGroup],
        sessions: Collection[WhiteboardSessionId] | None = None,
        *,
        with_events: bool = True,
    ) -> Pending:
        """Select what is not folded yet.

        That is everything of the groups; or, with `sessions`, all their events, and the heartbeats of these sessions
        and of those that have events. Without events it is only the heartbeats of the sessions themselves.
        """
        folded_events, folded_heartbeats = self._positions(groups)
        events: dict[Source, list[PresenceEvent]] = defaultdict(list)
        sessions_with_events: set[WhiteboardSessionId] = set()
        for group in groups if with_events else ():
            for one in self._events.get(group.number, ()):
                if one.record > folded_events[one.writer, group.number]:
                    events[one.source].append(one.event)
                    sessions_with_events.add(one.event.participant.session_id)
        stored = self._heartbeats
        rows = self._rows([group.number for group in groups])
        is_chosen = stored.records[rows] > folded_heartbeats[stored.writers[rows], stored.groups[rows]]
        if sessions is not None:
            chosen = np.array([*sessions, *sessions_with_events], np.int64)
            is_chosen &= np.isin(session_ids(stored.rows.keys[rows]), chosen)
        rows = rows[is_chosen]
        return Pending(stored.rows.selected(rows), stored.sources[rows], self._sources, events, self._connection_ids)

    def concern(self, group: int) -> bool:
        """Return whether there is something of a group, folded or not."""
        bounds = self._heartbeats.bounds
        return bool(bounds[group] < bounds[group + 1]) or group in self._events

    def divided(self, groups: Iterable[int], limit: int) -> Iterator[list[int]]:
        """Divide groups into parts that take about as long to fold as `limit` participants do."""
        bounds, keys = self._heartbeats.bounds, self._heartbeats.rows.keys
        part, size = list[int](), 0
        for group in groups:
            own = len(np.unique(keys[bounds[group] : bounds[group + 1]]))
            own += _HEARTBEATS_PER_EVENT * len(self._events.get(group, ()))
            if part and size + own > limit:
                yield part
                part, size = [], 0
            part.append(group)
            size += own
        if part:
            yield part

    def _rows(self, groups: Sequence[int]) -> NDArray[np.intp]:
        bounds = self._heartbeats.bounds
        ranges = [np.arange(bounds[group], bounds[group + 1]) for group in groups]
        return np.concatenate(ranges) if ranges else np.empty(0, np.intp)

    def _positions(self, groups: Sequence[SessionGroup]) -> tuple[Int64s, Int64s]:
        """Return up to which numbers events and heartbeats are folded, by writer and group."""
        events = np.full((max(len(self._writers), 1), GROUPS), _NEVER)
        heartbeats = events.copy()
        for writer_id, position in self._writers.items():
            for group in groups:
                events[position, group.number], heartbeats[position, group.number] = group.positions.get(
                    writer_id, NOTHING
                )
        return events, heartbeats


def _own_sources(stored: StoredRecord, positions: dict[Source, int]) -> NDArray[np.intp]:
    """Return where the heartbeats of a record came from, as positions in the list of all sources."""
    own = [positions.setdefault(source, len(positions)) for source in stored.content.sources]
    return np.array(own, np.intp)[stored.content.heartbeat_sources]


def _laid_out(
    parts: Sequence[tuple[HeartbeatColumns, int, int, NDArray[np.intp]]], grouping: Grouping
) -> _StoredHeartbeats:
    rows = together(part[0] for part in parts)
    lengths = [len(part[0]) for part in parts]
    writers, records = (np.repeat(np.array([part[column] for part in parts], np.int64), lengths) for column in (1, 2))
    sources = np.concatenate([part[3] for part in parts]) if parts else np.empty(0, np.intp)
    groups = grouping.groups_of(rows.keys)
    order = np.argsort(groups.astype(np.int16), kind="stable")
    groups = groups[order]
    return _StoredHeartbeats(
        rows.selected(order),
        writers[order],
        sources[order],
        records[order],
        groups,
        np.searchsorted(groups, np.arange(GROUPS + 1)),
    )
