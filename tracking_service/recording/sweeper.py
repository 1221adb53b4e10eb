"""Closes intervals that fell silent, so that status and logs say so too (DESIGN 5.4)."""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.presence import time_out
from tracking_service.recording.recorder import save
from tracking_service.store import intervals, streams, whiteboard_sessions

#: Sessions closed in one transaction: their locks hold up heartbeats of the same sessions for some 50 ms.
SESSIONS_PER_SWEEP = 500
#: Relays come back to a stream within minutes; two days cover an outage over a weekend's night shift (DESIGN 6).
STREAMS_KEPT_HOURS = 48


class Sweeper:
    """Several replicas may sweep at once: whoever comes second finds nothing left to close. Blocking."""

    def __init__(self, database: Database, clock: Clock, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._clock = clock
        self._timeout = timeout

    def find_silent(self) -> Sequence[WhiteboardSessionId]:
        """Return some sessions with an interval to close; none when none is left. Looks through all that are open."""
        with self._database.transaction() as connection:
            silent_since = Instant(self._clock.now() - self._timeout)
            return intervals.sessions_with_silence(connection, silent_since, SESSIONS_PER_SWEEP)

    def close(self, silent: Sequence[WhiteboardSessionId]) -> None:
        """Close the silent intervals of these sessions."""
        with self._database.transaction() as connection:
            now = self._clock.now()
            # Facts are read again under the lock: a heartbeat may have come in between.
            intervals.lock_open(connection, silent)
            whiteboard_sessions.lock(connection, silent)
            before = intervals.load(connection, silent)
            after = {
                participant: closed
                for participant, presence in before.items()
                if (closed := time_out(presence, now, self._timeout)) is not presence
            }
            save(connection, before, after, [])

    def forget_streams(self) -> int:
        """Forget resume positions that nobody used for 48 hours and return how many there were."""
        with self._database.transaction() as connection:
            return streams.forget(connection, STREAMS_KEPT_HOURS)
