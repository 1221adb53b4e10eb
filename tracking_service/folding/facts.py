"""Records events by the full rules: intervals, connects and disconnects, activity, and the documented columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.activity import count_by_period
from tracking_service.domain.events import EventKind, PresenceEvent
from tracking_service.domain.journal import Source
from tracking_service.domain.presence import Presences
from tracking_service.folding.apply_events import (
    apply_events,
    concluded_disconnects,
    disconnects_to_load,
    log_entries,
    projections,
)
from tracking_service.store import (
    activity_periods,
    connection_events,
    presence_intervals,
    relay_coverage,
    whiteboard_sessions,
)


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
    after = apply_events(
        before,
        [(source.stream, own) for source, own in by_source.items()],
        connection_events.disconnects_since(connection, disconnects_to_load(before, events)),
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
