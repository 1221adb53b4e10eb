"""Records first connects without the full rules (see `tracking_service.domain.first_connects`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.engine import Connection

from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import UserType
from tracking_service.domain.first_connects import FirstConnect, FirstConnects, of_other_sessions
from tracking_service.domain.presence import Presences
from tracking_service.folding.apply_events import log_entries
from tracking_service.store import connection_events, presence_intervals, relay_coverage, whiteboard_sessions
from tracking_service.store.whiteboard_sessions import Projection


def record_first_connects(
    connection: Connection, connects: FirstConnects, before: Presences, others: Collection[WhiteboardSessionId]
) -> set[WhiteboardSessionId]:
    """Record those of whose roles nothing is known, and return their sessions.

    `before` is what is known of all who were ever present in these sessions. The full rules are needed for `others`:
    a session is recorded as a whole, so that its log is in the order of time.
    """
    known = {(participant.session_id, participant.user_type) for participant in before}
    left = {*others, *(connect.session_id for connect in connects.values() if connect.role in known)}
    connects = of_other_sessions(connects, left)
    # A disconnect may be recorded that did not count without a sign of life before it.
    since = {connect.event.participant: connect.first_at for connect in connects.values()}
    disconnects = connection_events.disconnects_since(connection, since) if since else {}
    connects = of_other_sessions(connects, {participant.session_id for participant in disconnects})
    if connects:
        _record(connection, list(connects.values()))
    return {connect.session_id for connect in connects.values()}


def _record(connection: Connection, connects: Sequence[FirstConnect]) -> None:
    presence_intervals.insert_first(connection, connects)
    new_events = connection_events.append(connection, [connect.event for connect in connects])
    columns = {connect.role: connect.columns for connect in connects}
    entries = log_entries(new_events, ())
    projections = {
        session_id: Projection(
            columns.get((session_id, UserType.TUTOR)),
            columns.get((session_id, UserType.STUDENT)),
            entries.get(session_id),
        )
        for session_id in {session_id for session_id, _ in columns}
    }
    whiteboard_sessions.project(connection, projections)
    watched = {
        (connect.session_id, connect.source.stream)
        for connect in connects
        if connect.source.is_live and connect.source.stream is not None
    }
    if watched:
        relay_coverage.add_sessions(connection, watched)
