"""Until when the streams of live relays are open, recorded durably (docs/presence.md#live-relays)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from uuid import UUID

from servicekit.clock import Clock, Instant
from servicekit.database.engine import Database
from tracking_service.store import relay_coverage


class RelayCoverageRecorder:
    """Moves the ends of what live relays have covered.

    A stream that was open in the last round and is open now was open at the time of the last round. Nothing later is
    recorded: if this process stood still, the end of a relay meanwhile shows only a little later.
    """

    def __init__(self, database: Database, clock: Clock, open_streams: Callable[[], Collection[UUID]]) -> None:
        """`open_streams` returns the streams of live relays that are open in this process."""
        self._database = database
        self._clock = clock
        self._open_streams = open_streams
        self._last_round = Instant(0)
        self._open_in_last_round: frozenset[UUID] = frozenset()

    async def extend(self) -> None:
        """Record one round."""
        still_open = frozenset(self._open_streams())
        until, known = self._last_round, self._open_in_last_round & still_open
        self._last_round, self._open_in_last_round = self._clock.now(), still_open
        if known:
            await asyncio.to_thread(self._write, known, until)

    def _write(self, stream_ids: Collection[UUID], until: Instant) -> None:
        with self._database.transaction() as connection:
            relay_coverage.extend(connection, stream_ids, until)
