"""Entries of whiteboard_sessions.connection_logs, in the documented form."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from servicekit.clock import Instant, to_datetime
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.activity import ActivityPeriod
from tracking_service.domain.events import EventKind, Participant, PresenceEvent

_Entry = dict[str, object]


def log_entries(
    events: Iterable[PresenceEvent], activities: Iterable[tuple[ActivityPeriod, Instant]]
) -> dict[WhiteboardSessionId, str]:
    """Return a JSON array of entries, in the order of their times, for each session that has any.

    `activities` are periods with the moment of their first interaction.
    """
    by_session: dict[WhiteboardSessionId, list[tuple[Instant, _Entry]]] = defaultdict(list)
    for event in events:
        by_session[event.participant.session_id].append((event.at, _of_event(event)))
    for period, first_at in activities:
        entry = _entry(period.participant, "activity", first_at) | {"activity_type": period.activity_type}
        by_session[period.participant.session_id].append((first_at, entry))
    return {session_id: _as_json(entries) for session_id, entries in by_session.items()}


def _of_event(event: PresenceEvent) -> _Entry:
    entry = _entry(event.participant, event.kind.value, event.at)
    if event.kind is EventKind.DISCONNECT:
        entry["reason"] = event.reason.value
    if event.connection_id:
        entry["connection_id"] = event.connection_id
    return entry


def _entry(participant: Participant, event: str, at: Instant) -> _Entry:
    return {
        "user_id": participant.user_id,
        "user_type": participant.user_type.value,
        "event": event,
        "timestamp": to_datetime(at).isoformat(),
    }


def _as_json(entries: list[tuple[Instant, _Entry]]) -> str:
    return json.dumps([entry for _, entry in sorted(entries, key=lambda timed: timed[0])])
