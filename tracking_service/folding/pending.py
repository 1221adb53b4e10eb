"""What of the journal is not folded yet, for some groups or some sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import PresenceEvent
from tracking_service.domain.heartbeat_columns import ConnectionIds, HeartbeatColumns, session_ids, together
from tracking_service.domain.journal import GROUPS, JournalPart, Source, group_of, groups_of
from tracking_service.store.journal import StoredRecord, WriterId
from tracking_service.store.session_groups import NOTHING, SessionGroup

#: No record has such a number: nothing of it is folded.
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Pending:
    """What is not folded yet."""

    #: By source, in the order of their first records.
    heartbeats: Mapping[Source, HeartbeatColumns]
    events: Mapping[Source, Sequence[PresenceEvent]]
    #: Ids of connections, where records name them.
    connection_ids: ConnectionIds

    def __len__(self) -> int:
        """Return how many heartbeats and events there are."""
        return sum(map(len, self.heartbeats.values())) + sum(map(len, self.events.values()))

    @property
    def sources(self) -> Collection[Source]:
        """Where they came from."""
        return dict.fromkeys((*self.heartbeats, *self.events))


@dataclass(slots=True)
class _Positions:
    """Up to which number the records of one writer are folded, by group; groups that are not folded now: all."""

    events: NDArray[np.int64] = field(default_factory=lambda: np.full(GROUPS, _NEVER))
    heartbeats: NDArray[np.int64] = field(default_factory=lambda: np.full(GROUPS, _NEVER))


def pending(
    records: Iterable[StoredRecord],
    groups: Sequence[SessionGroup],
    sessions: Collection[WhiteboardSessionId] | None = None,
) -> Pending:
    """Select from records what is not folded yet.

    That is everything of the groups; or, with `sessions`, all their events, and the heartbeats of these sessions and of
    those that have events.
    """
    stored = list(records)
    positions = _positions({record.writer_id for record in stored}, groups)
    events: dict[Source, list[PresenceEvent]] = defaultdict(list)
    for record in stored:
        folded = positions[record.writer_id].events
        for part in record.content.parts:
            new = [one for one in part.events if record.number > folded[group_of(one.participant.session_id)]]
            if new:
                events[part.source] += new
    chosen = None
    if sessions is not None:
        with_events = {event.participant.session_id for own in events.values() for event in own}
        chosen = np.array(sorted({*sessions, *with_events}), np.int64)
    heartbeats: dict[Source, list[HeartbeatColumns]] = defaultdict(list)
    ids: dict[int, str] = {}
    for record in stored:
        ids.update(record.content.connection_ids)
        for part in record.content.parts:
            rows = _selected(part, record.number > positions[record.writer_id].heartbeats, chosen)
            if len(rows):
                heartbeats[part.source].append(rows)
    return Pending({source: together(parts) for source, parts in heartbeats.items()}, events, ids)


def _selected(part: JournalPart, is_new: NDArray[np.bool_], sessions: NDArray[np.int64] | None) -> HeartbeatColumns:
    keys = part.heartbeats.keys
    rows = is_new[groups_of(keys)]
    if sessions is not None:
        rows &= np.isin(session_ids(keys), sessions)
    return part.heartbeats if rows.all() else part.heartbeats.selected(rows)


def _positions(writers: Iterable[WriterId], groups: Sequence[SessionGroup]) -> dict[WriterId, _Positions]:
    positions = {writer_id: _Positions() for writer_id in writers}
    for writer_id, own in positions.items():
        for group in groups:
            own.events[group.number], own.heartbeats[group.number] = group.positions.get(writer_id, NOTHING)
    return positions
