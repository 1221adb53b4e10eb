"""How a flush changes presence, and the rows that follow: recorded disconnects, documented columns, log entries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant, to_datetime
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.activity import ActivityPeriod
from tracking_service.domain.connection_log import ACTIVITY, MAX_UNFOLDED, folded
from tracking_service.domain.events import (
    CONCLUDED_HERE,
    EndReason,
    EventKind,
    Participant,
    PresenceEvent,
    UserType,
)
from tracking_service.domain.presence import (
    NEVER_PRESENT,
    Presence,
    Presences,
    disconnects_matter_since,
    record,
    time_out,
)
from tracking_service.domain.provenance import SourceStream, with_sources
from tracking_service.domain.status import RoleColumns, role_columns
from tracking_service.store.whiteboard_sessions import Projection

_UTC = "+00:00"


class Delivered(NamedTuple):
    """Further events of one participant."""

    events: list[PresenceEvent]
    #: When each happened, and the stream that delivered it.
    sources: list[tuple[Instant, SourceStream]]


def by_participant(
    events_by_source: Iterable[tuple[SourceStream, Iterable[PresenceEvent]]],
) -> dict[Participant, Delivered]:
    """Return the events of each participant."""
    delivered: dict[Participant, Delivered] = {}
    for source, events in events_by_source:
        for event in events:
            own = delivered.get(event.participant)
            if own is None:
                own = delivered[event.participant] = Delivered([], [])
            own.events.append(event)
            own.sources.append((event.at, source))
    return delivered


def disconnects_to_load(before: Presences, delivered: Mapping[Participant, Delivered]) -> dict[Participant, Instant]:
    """Return the participants whose recorded disconnects may matter to their events, and since when."""
    return {
        participant: disconnects_matter_since(before.get(participant, NEVER_PRESENT), own.events)
        for participant, own in delivered.items()
    }


def apply_events(
    before: Presences,
    delivered: Mapping[Participant, Delivered],
    earlier_disconnects: Mapping[Participant, Sequence[PresenceEvent]],
    *,
    now: Instant,
    timeout: int,
) -> dict[Participant, Presence]:
    """Return the presence of every participant who has events.

    `timeout` is in microseconds.
    """
    after: dict[Participant, Presence] = {}
    for participant, (own, sources) in delivered.items():
        known = before.get(participant, NEVER_PRESENT)
        recorded = record(known, own, earlier_disconnects=earlier_disconnects.get(participant, ()), timeout=timeout)
        # History that a relay delivers late is closed here, without waiting for the next sweep.
        closed = time_out(recorded, now, timeout)
        after[participant] = with_sources(known, closed, sources)
    return after


def concluded_disconnects(before: Presences, after: Presences) -> list[PresenceEvent]:
    """Return disconnects concluded from silence, at the last sign of life (docs/presence.md#silent-intervals)."""
    concluded = []
    for participant, presence in after.items():
        known = before.get(participant, NEVER_PRESENT).intervals
        concluded += [
            PresenceEvent(
                participant,
                EventKind.DISCONNECT,
                interval.span.ended_at,
                connection_id=CONCLUDED_HERE,
                reason=EndReason.TIMED_OUT,
            )
            for interval in presence.intervals
            if interval.end_reason is EndReason.TIMED_OUT and interval not in known
        ]
    return concluded


def projections(
    before: Presences, after: Presences, entries: Mapping[WhiteboardSessionId, str]
) -> dict[WhiteboardSessionId, Projection]:
    """Return the documented columns of every session with a participant in `after` or with log entries.

    `before` holds all who were ever present in those sessions: in a group class the columns are their union.
    """
    merged = {**before, **after}
    touched = {(participant.session_id, participant.user_type) for participant in after}
    by_role: dict[tuple[WhiteboardSessionId, UserType], list[Presence]] = defaultdict(list)
    for participant, presence in merged.items():
        by_role[participant.session_id, participant.user_type].append(presence)
    return {
        session_id: Projection(
            tutor=_columns(session_id, UserType.TUTOR, touched, by_role),
            student=_columns(session_id, UserType.STUDENT, touched, by_role),
            log_entries=entries.get(session_id),
        )
        for session_id in {session_id for session_id, _ in touched} | entries.keys()
    }


def log_entries(
    events: Iterable[PresenceEvent], activities: Iterable[tuple[ActivityPeriod, Instant]]
) -> dict[WhiteboardSessionId, str]:
    """Return entries of whiteboard_sessions.connection_logs by session: a JSON array, ordered by time.

    `activities` are periods with the time of their first interaction. Very many entries are folded.
    """
    by_session: dict[WhiteboardSessionId, list[tuple[Instant, str]]] = defaultdict(list)
    for event in events:
        by_session[event.participant.session_id].append((event.at, _event_entry(event)))
    for period, first_at in activities:
        entry = _entry(period.participant, ACTIVITY, first_at, f', "activity_type": "{period.activity_type}"')
        by_session[period.participant.session_id].append((first_at, entry))
    return {session_id: _as_json(timed_entries) for session_id, timed_entries in by_session.items()}


def _columns(
    session_id: WhiteboardSessionId,
    user_type: UserType,
    touched: Collection[tuple[WhiteboardSessionId, UserType]],
    by_role: Mapping[tuple[WhiteboardSessionId, UserType], Sequence[Presence]],
) -> RoleColumns | None:
    role = (session_id, user_type)
    return role_columns(by_role[role]) if role in touched else None


def _event_entry(event: PresenceEvent) -> str:
    further = f', "reason": "{event.reason}"' if event.kind is EventKind.DISCONNECT else ""
    if event.connection_id not in {"", CONCLUDED_HERE}:
        further += f', "connection_id": {json.dumps(event.connection_id)}'
    return _entry(event.participant, event.kind, event.at, further)


def _entry(participant: Participant, event: str, at: Instant, further: str) -> str:
    """Return an entry as JSON: to make it of a dictionary takes three times as long, for every connect."""
    _, user_id, user_type = participant
    timestamp = to_datetime(at).isoformat()
    return (
        f'{{"user_id": {user_id}, "user_type": "{user_type}", "event": "{event}", "timestamp": "{timestamp}"{further}}}'
    )


@lru_cache(maxsize=1024)
def _iso_format(second: int) -> str:
    """Return a time without its time zone; very many events happen in the same seconds."""
    return to_datetime(Instant(second * MICROSECONDS_PER_SECOND)).isoformat().removesuffix(_UTC)


def _as_json(timed_entries: list[tuple[Instant, str]]) -> str:
    timed_entries.sort(key=itemgetter(0))
    whole = f"[{', '.join([entry for _, entry in timed_entries])}]"
    if len(timed_entries) <= MAX_UNFOLDED:
        return whole
    entries = json.loads(whole)
    return json.dumps(folded(entries) or entries)
