"""Which tabs and devices of a participant are open: what the status shows (DESIGN 5.5).

Presence itself is the union of all of them and needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from servicekit.clock import Instant
from tracking_service.domain.events import PresenceEvent


class Connection(NamedTuple):
    """What is known of one connection. Each field is a maximum, so that order of arrival does not matter."""

    last_sign_at: Instant | None = None
    closed_at: Instant | None = None

    def is_open(self, not_before: Instant) -> bool:
        """Whether its last event is a sign of life, and not older than `not_before`."""
        if self.last_sign_at is None or self.last_sign_at < not_before:
            return False
        return self.closed_at is None or self.closed_at < self.last_sign_at


_UNKNOWN = Connection()
#: By connection id; clients that send none share the empty one.
Connections = Mapping[str, Connection]
NO_CONNECTIONS: Connections = MappingProxyType({})


def update(connections: Connections, events: Iterable[PresenceEvent]) -> dict[str, Connection]:
    """Return the connections after further events, in whatever order they come."""
    updated = dict(connections)
    for event in events:
        last_sign_at, closed_at = updated.get(event.connection_id, _UNKNOWN)
        if event.is_sign_of_life:
            updated[event.connection_id] = Connection(_later(last_sign_at, event.at), closed_at)
        else:
            updated[event.connection_id] = Connection(last_sign_at, _later(closed_at, event.at))
    return updated


def still_open(connections: Connections, last_event_at: Instant, timeout: int) -> dict[str, Connection]:
    """Return those that were open at the participant's last event.

    The others need not be remembered: what was closed is known from the recorded disconnects, and what was silent for
    longer than the timeout before the last event can't show as open again.
    """
    horizon = Instant(last_event_at - timeout)
    return {name: connection for name, connection in connections.items() if connection.is_open(horizon)}


def _later(known: Instant | None, moment: Instant) -> Instant:
    return moment if known is None else max(known, moment)
