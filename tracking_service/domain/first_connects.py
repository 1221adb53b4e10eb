"""First connects: nearly everybody who comes to a lesson was never in it, connects once, and sends plain heartbeats.

If nothing else is known of a role of a session, the full rules (`tracking_service.domain.presence`) make one open
interval of this, from the first sign of life to the last one. Here it is made without them, at a fifth of their cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import EventKind, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import (
    HeartbeatColumns,
    connection_number,
    extensions,
    key_of,
    session_ids,
    together,
)
from tracking_service.domain.journal import Source
from tracking_service.domain.status import RoleColumns

Role = tuple[WhiteboardSessionId, UserType]


class FirstConnect(NamedTuple):
    """A participant's only connect, and the heartbeats of the same connection, of which none is missing for long."""

    event: PresenceEvent
    #: Of all of them.
    source: Source
    #: The first and the last sign of life.
    first_at: Instant
    last_at: Instant

    @property
    def session_id(self) -> WhiteboardSessionId:
        """The whiteboard session."""
        return self.event.participant.session_id

    @property
    def role(self) -> Role:
        """The role in the session: nobody else of it has other events."""
        return self.event.participant.session_id, self.event.participant.user_type

    @property
    def columns(self) -> RoleColumns:
        """The documented columns of the role."""
        seconds = (self.last_at - self.first_at) // MICROSECONDS_PER_SECOND
        return RoleColumns(self.first_at, None, self.last_at, seconds)


#: By the participant's key, ascending.
FirstConnects = Mapping[int, FirstConnect]


class Heartbeats(NamedTuple):
    """Plain heartbeats, and where each came from, as a position in `sources`."""

    columns: HeartbeatColumns
    positions: NDArray[np.intp]
    sources: Sequence[Source]


def first_connects(
    events: Mapping[Source, Iterable[PresenceEvent]], heartbeats: Heartbeats, *, now: Instant, timeout: int
) -> FirstConnects:
    """Return first connects as far as events say: somebody may still be known.

    Their sessions have no other events, and heartbeats of others at most; `timeout` is in microseconds.
    """
    only, others = _only_connects(events)
    if not only:
        return {}
    columns, positions, sources = heartbeats
    rows = np.flatnonzero(np.isin(columns.keys, list(only)))
    own = columns.selected(rows)
    whole, several = extensions(together([_as_columns([event for event, _ in only.values()]), own]), timeout)
    others.update(session_ids(several).tolist())
    for key, position in zip(own.keys.tolist(), positions[rows].tolist(), strict=True):
        event, source = only[key]
        if sources[position] != source:
            others.add(event.participant.session_id)
    silent_until = now - timeout
    others.update(session_ids(whole.keys[whole.last_at < silent_until]).tolist())
    spans = zip(whole.keys.tolist(), whole.first_at.tolist(), whole.last_at.tolist(), strict=True)
    found = {key: FirstConnect(*only[key], Instant(first_at), Instant(last_at)) for key, first_at, last_at in spans}
    return of_other_sessions(found, others)


def of_other_sessions(connects: FirstConnects, sessions: set[WhiteboardSessionId]) -> FirstConnects:
    """Return the first connects that are not of some sessions."""
    if not sessions:
        return connects
    return {key: connect for key, connect in connects.items() if connect.session_id not in sessions}


def _only_connects(
    events: Mapping[Source, Iterable[PresenceEvent]],
) -> tuple[dict[int, tuple[PresenceEvent, Source]], set[WhiteboardSessionId]]:
    """Return connects by participant of roles without any other event, and the sessions that have others."""
    by_role: dict[Role, tuple[PresenceEvent, Source]] = {}
    others: set[WhiteboardSessionId] = set()
    for source, own in events.items():
        for event in own:
            session_id, _, user_type = event.participant
            role = session_id, user_type
            if event.kind is not EventKind.CONNECT or role in by_role:
                others.add(session_id)
            by_role[role] = event, source
    found = [one for (session_id, _), one in by_role.items() if session_id not in others]
    return {key_of(event.participant): (event, source) for event, source in found}, others


def _as_columns(connects: Sequence[PresenceEvent]) -> HeartbeatColumns:
    return HeartbeatColumns(
        np.array([key_of(event.participant) for event in connects], np.int64),
        np.array([event.at for event in connects], np.int64),
        np.array([connection_number(event.connection_id) for event in connects], np.uint32),
    )
