"""Records events by the full rules: intervals, connects and disconnects, activity, and the documented columns."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from servicekit.clock import Instant
from servicekit.database.engine import as_transient
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.activity import count_by_period
from tracking_service.domain.events import EventKind, PresenceEvent
from tracking_service.domain.first_connects import first_connects
from tracking_service.domain.heartbeat_columns import (
    ConnectionIds,
    HeartbeatColumns,
    connection_number,
    extensions,
    session_ids,
)
from tracking_service.domain.heartbeat_columns import (
    participant as participant_of,
)
from tracking_service.domain.journal import Source
from tracking_service.domain.presence import Presences
from tracking_service.folding.apply_events import (
    apply_events,
    by_participant,
    concluded_disconnects,
    disconnects_to_load,
    log_entries,
    projections,
)
from tracking_service.folding.first_connects import record_first_connects
from tracking_service.folding.pending import Pending
from tracking_service.folding.strangers import without_strangers
from tracking_service.instruments.folding import FoldInstruments
from tracking_service.store import (
    activity_periods,
    connection_events,
    presence_intervals,
    relay_coverage,
    whiteboard_sessions,
)
from tracking_service.store.heartbeat_update import extend

_log = logging.getLogger(__name__)

#: The client sent no id (see `connection_number`).
_NO_CONNECTION = 0


def record_pending(
    connection: Connection, pending: Pending, *, now: Instant, timeout: int, instruments: FoldInstruments
) -> None:
    """Record what is not folded yet of groups that are locked.

    Nothing of these groups is missing that was observed before `now`; `timeout` is in microseconds. A session that
    can't be recorded, whatever is wrong with it, holds up no other: it is logged, and its events stay in the journal
    for as long as that is kept.
    """
    if not pending.size:
        return
    try:
        with connection.begin_nested():
            _record_pending(connection, pending, now=now, timeout=timeout)
    except Exception as error:
        if isinstance(error, DBAPIError) and as_transient(error):
            raise
        sessions = sorted(pending.sessions_with_events | pending.sessions_with_heartbeats)
        if len(sessions) == 1:
            instruments.isolated_sessions.inc()
            _log.exception("a session can't be recorded", extra={"session_id": sessions[0], "events": pending.size})
            return
        middle = len(sessions) // 2
        for half in (sessions[:middle], sessions[middle:]):
            record_pending(connection, pending.of_sessions(half), now=now, timeout=timeout, instruments=instruments)


def _record_pending(connection: Connection, pending: Pending, *, now: Instant, timeout: int) -> None:
    """Extend open intervals by plain heartbeats, begin others at first connects; the rest is for the full rules."""
    pending = without_strangers(connection, pending)
    connects = first_connects(pending.events, pending.sourced_heartbeats, now=now, timeout=timeout)
    of_connects = np.array(list(connects), np.int64)
    others = pending.heartbeats.selected(~np.isin(pending.heartbeats.keys, of_connects))
    whole, several = extensions(others, timeout)
    remaining = np.union1d(several, extend(connection, whole, timeout))
    sessions_of_others = {WhiteboardSessionId(number) for number in session_ids(remaining).tolist()}
    # The platform may have deleted one that had no facts yet. Nothing can be recorded of it.
    wanted = sessions_of_others | pending.sessions_with_events
    sessions = whiteboard_sessions.existing(connection, wanted)
    before = presence_intervals.load(connection, sessions)
    sessions -= record_first_connects(connection, connects, before, sessions_of_others | (wanted - sessions))
    if not sessions:
        return
    remaining = np.union1d(remaining, of_connects)
    rows = np.flatnonzero(
        np.isin(pending.heartbeats.keys, remaining) & np.isin(session_ids(pending.heartbeats.keys), list(sessions))
    )
    by_source: dict[Source, list[PresenceEvent]] = defaultdict(list)
    columns = pending.heartbeats.selected(rows)
    ids = _connection_ids(connection, before, pending, columns)
    heartbeats = _as_events(columns, ids)
    for source, heartbeat in zip(pending.heartbeat_sources[rows].tolist(), heartbeats, strict=True):
        by_source[pending.sources[source]].append(heartbeat)
    for of_source, events in pending.events.items():
        by_source[of_source] += [event for event in events if event.participant.session_id in sessions]
    record_events(connection, before, by_source, now=now, timeout=timeout)


def record_events(
    connection: Connection,
    before: Presences,
    by_source: Mapping[Source, Sequence[PresenceEvent]],
    *,
    now: Instant,
    timeout: int,
) -> None:
    """Record events of sessions whose groups are locked.

    `before` is what is known of all who were ever present in these sessions; `timeout` is in microseconds.
    """
    events = [event for own in by_source.values() for event in own]
    delivered = by_participant((source.stream, own) for source, own in by_source.items())
    after = apply_events(
        before,
        delivered,
        connection_events.disconnects_since(connection, disconnects_to_load(before, delivered)),
        now=now,
        timeout=timeout,
    )
    save(connection, before, after, events)
    watched = _watched_live(by_source)
    if watched:
        relay_coverage.add_sessions(connection, watched)


def save(connection: Connection, before: Presences, after: Presences, events: Sequence[PresenceEvent]) -> None:
    """Write what changed: intervals, events, activity, and the documented columns that follow from them."""
    presence_intervals.save(connection, before, after)
    recorded = [event for event in events if event.kind is not EventKind.HEARTBEAT]
    new_events = connection_events.append(connection, [*recorded, *concluded_disconnects(before, after)])
    new_periods = activity_periods.add(connection, count_by_period(events))
    whiteboard_sessions.project(connection, projections(before, after, log_entries(new_events, new_periods)))


def _watched_live(
    by_source: Mapping[Source, Sequence[PresenceEvent]],
) -> set[tuple[WhiteboardSessionId, StreamId]]:
    """Return which sessions have events over which streams of live relays."""
    return {
        (event.participant.session_id, source.stream)
        for source, events in by_source.items()
        if source.is_live and source.stream is not None
        for event in events
    }


def _connection_ids(
    connection: Connection, before: Presences, pending: Pending, heartbeats: HeartbeatColumns
) -> ConnectionIds:
    """Return the ids of the connections of heartbeats by number, as far as they are known."""
    ids = {
        connection_number(connection_id): connection_id
        for presence in before.values()
        for connection_id in presence.connections
    }
    ids |= pending.connection_ids
    for events in pending.events.values():
        ids |= {connection_number(event.connection_id): event.connection_id for event in events}
    unknown = set(np.unique(heartbeats.connections).tolist()) - ids.keys() - {_NO_CONNECTION}
    if unknown:
        # A heartbeat that is folded again may be of a connection that has closed since, and so is not remembered.
        keys = np.unique(heartbeats.keys[np.isin(heartbeats.connections, list(unknown))])
        ids |= connection_events.connection_ids(connection, keys.tolist(), unknown)
    return ids


def _as_events(heartbeats: HeartbeatColumns, ids: ConnectionIds) -> list[PresenceEvent]:
    """Return heartbeats as ordinary events. A connection whose id nobody knows is called by its number."""
    rows = zip(heartbeats.keys.tolist(), heartbeats.times.tolist(), heartbeats.connections.tolist(), strict=True)
    return [
        PresenceEvent(
            participant_of(key), EventKind.HEARTBEAT, Instant(at), ids.get(number, f"#{number}") if number else ""
        )
        for key, at, number in rows
    ]
