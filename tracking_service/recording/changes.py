"""What a flush changes: presence by participant, and the rows that follow from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from servicekit.clock import Instant
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.presence import NOBODY, Presence, Presences, record, time_out
from tracking_service.domain.projection import RoleColumns, project
from tracking_service.domain.ways import Way, attributed
from tracking_service.store.whiteboard_sessions import Projection


def apply(
    before: Presences,
    events: Iterable[PresenceEvent],
    earlier_disconnects: Mapping[Participant, Sequence[PresenceEvent]],
    *,
    now: Instant,
    timeout: int,
) -> dict[Participant, Presence]:
    """Return the presence of every participant who has events."""
    by_participant: dict[Participant, list[PresenceEvent]] = defaultdict(list)
    for event in events:
        by_participant[event.participant].append(event)
    after: dict[Participant, Presence] = {}
    for participant, own in by_participant.items():
        recorded = record(
            before.get(participant, NOBODY),
            own,
            earlier_disconnects=earlier_disconnects.get(participant, ()),
            timeout=timeout,
        )
        # History that a relay delivers late is closed at once, not by the next sweep.
        after[participant] = time_out(recorded, now, timeout)
    return after


def with_ways(
    before: Presences, after: Presences, told: Iterable[tuple[Way, Iterable[PresenceEvent]]]
) -> dict[Participant, Presence]:
    """Return `after` with the way by which each interval came, given the events of each submission and its way."""
    by_participant: dict[Participant, list[tuple[Instant, Way]]] = defaultdict(list)
    for way, events in told:
        for event in events:
            by_participant[event.participant].append((event.at, way))
    return {
        participant: attributed(before.get(participant, NOBODY), presence, by_participant[participant])
        for participant, presence in after.items()
    }


def concluded_disconnects(before: Presences, after: Presences) -> list[PresenceEvent]:
    """Return the disconnects that were concluded from silence, dated back to the last sign of life (DESIGN 5.4)."""
    concluded = []
    for participant, presence in after.items():
        known = set(before.get(participant, NOBODY).intervals)
        concluded += [
            PresenceEvent(participant, EventKind.DISCONNECT, interval.stretch.ended_at, reason=EndReason.TIMED_OUT)
            for interval in presence.intervals
            if interval.end_reason is EndReason.TIMED_OUT and interval not in known
        ]
    return concluded


def projections(
    before: Presences, after: Presences, entries: Mapping[WhiteboardSessionId, str]
) -> dict[WhiteboardSessionId, Projection]:
    """Return the documented columns of every session with a participant in `after` or with log entries.

    `before` holds everybody who was ever present in those sessions: in a group class the columns are their union.
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


def _columns(
    session_id: WhiteboardSessionId,
    user_type: UserType,
    touched: Collection[tuple[WhiteboardSessionId, UserType]],
    by_role: Mapping[tuple[WhiteboardSessionId, UserType], Sequence[Presence]],
) -> RoleColumns | None:
    role = (session_id, user_type)
    return project(by_role[role]) if role in touched else None
