"""Closes silent intervals, so that the documented columns and the log show it (docs/presence.md#silent-intervals)."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.presence import time_out
from tracking_service.recording.recorder import save
from tracking_service.store import heartbeat_streams, presence_intervals, whiteboard_sessions

#: Sessions closed in one transaction: their locks hold up heartbeats of the same sessions for some 50 ms.
MAX_SESSIONS_PER_SWEEP = 500
#: Relays resume a stream within minutes; two days cover an outage over a weekend's night shift.
STREAM_LIFETIME_HOURS = 48


class Sweeper:
    """Blocking. Several replicas may sweep at once: the second one finds nothing left to close."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout

    def find_silent(self) -> Sequence[WhiteboardSessionId]:
        """Return some sessions with an interval to close, or none if none is left. Reads all open intervals."""
        with self._database.transaction() as connection:
            silent_since = Instant(self._clock.now() - self._timeout)
            return presence_intervals.sessions_with_silence(connection, silent_since, MAX_SESSIONS_PER_SWEEP)

    def close(self, silent: Sequence[WhiteboardSessionId]) -> None:
        """Close the silent intervals of these sessions."""
        with self._database.transaction() as connection:
            now = self._clock.now()
            # Facts are read again under the lock: a heartbeat may have come in between.
            presence_intervals.lock_open(connection, silent)
            whiteboard_sessions.lock(connection, silent)
            before = presence_intervals.load(connection, silent)
            after = {
                participant: closed
                for participant, presence in before.items()
                if (closed := time_out(presence, now, self._timeout)) is not presence
            }
            save(connection, before, after, [])

    def expire_streams(self) -> int:
        """Delete streams that were unused for 48 hours and return how many there were."""
        with self._database.transaction() as connection:
            return heartbeat_streams.expire(connection, STREAM_LIFETIME_HOURS)
