"""All watches of this process, kept up to date by one look at storage a second (docs/adr/0010-live-status.md)."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from servicekit.auth.principal import Principal
from servicekit.auth.verifier import TokenExpired, accepted_until
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock
from servicekit.errors import StorageUnavailable, Unavailable
from servicekit.identifiers import WhiteboardSessionId
from servicekit.rpc.deadlines import run_query
from tracking_service.ingest.stream_errors import Draining
from tracking_service.queries.status import SessionStatus, StatusQuery
from tracking_service.recording.submission import WhiteboardSessionNotFound
from tracking_service.watching.watch import Watch

_log = logging.getLogger(__name__)

#: Changes are told within 2 s of the fact: half of that for waiting, half for the look and the way.
LOOK_INTERVAL_SECONDS = 1.0
#: So many take 160 MiB and an eighth of a core (two to a session; docs/adr/0010-live-status.md).
MOST_WATCHES = 5_000


class TooManyWatches(Unavailable):
    """This replica serves as many watches as it can; retry, another one may have room."""

    reason = "TOO_MANY_WATCHES"


class Watches:
    """Opens watches, up to a limit, and tells each what changed in its session, whichever replica recorded it."""

    def __init__(self, query: StatusQuery, clock: Clock, *, limit: int = MOST_WATCHES) -> None:
        """Nothing is looked at before `run`."""
        self._query = query
        self._clock = clock
        self._limit = limit
        self._open = 0
        self._by_session: defaultdict[WhiteboardSessionId, set[Watch]] = defaultdict(set)
        self._is_draining = False
        self._storage_is_away = False

    @asynccontextmanager
    async def opened(
        self, principal: Principal, session_id: WhiteboardSessionId, *, deadline_seconds: float | None
    ) -> AsyncIterator[Watch]:
        """Watch a session for the length of the block.

        WhiteboardSessionNotFound, NotYourSession, StorageUnavailable, Draining, TooManyWatches. The watch itself ends
        with Draining, TokenExpired, WhiteboardSessionNotFound or NotYourSession.
        """
        if self._open >= self._limit:
            raise TooManyWatches
        self._open += 1
        try:
            look = partial(self._query.glance, principal, session_id)
            watch = Watch(principal, await run_query(look, deadline_seconds))
            if self._is_draining:
                raise Draining
            with self._kept_up_to_date(watch, session_id), self._expiring(watch, principal):
                yield watch
        finally:
            self._open -= 1

    async def run(self) -> None:
        """Keep every watch up to date until cancelled."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL_SECONDS)
            if self._by_session:
                await self._look()

    def drain(self) -> None:
        """Ask every watcher to go elsewhere, and refuse new ones."""
        self._is_draining = True
        for watches in self._by_session.values():
            for watch in watches:
                watch.end(Draining())

    @contextmanager
    def _kept_up_to_date(self, watch: Watch, session_id: WhiteboardSessionId) -> Iterator[None]:
        self._by_session[session_id].add(watch)
        try:
            yield
        finally:
            self._by_session[session_id].discard(watch)
            if not self._by_session[session_id]:
                del self._by_session[session_id]

    @contextmanager
    def _expiring(self, watch: Watch, principal: Principal) -> Iterator[None]:
        remaining = (accepted_until(principal) - self._clock.now()) / MICROSECONDS_PER_SECOND
        expiry = asyncio.get_running_loop().call_later(remaining, watch.end, TokenExpired())
        try:
            yield
        finally:
            expiry.cancel()

    async def _look(self) -> None:
        """Look at all watched sessions at once. Without storage nobody is told anything new."""
        watched = {session_id: tuple(watches) for session_id, watches in self._by_session.items()}
        try:
            found = await asyncio.to_thread(self._query.of_sessions, watched)
        except StorageUnavailable:
            if not self._storage_is_away:
                _log.warning("storage is away: watchers hear nothing new")
            self._storage_is_away = True
        except Exception:  # noqa: BLE001 - one failed look must not end all later ones
            _log.exception("looking at watched sessions failed")
        else:
            self._storage_is_away = False
            for session_id, watches in watched.items():
                _tell(watches, session_id, found.get(session_id))


def _tell(watches: tuple[Watch, ...], session_id: WhiteboardSessionId, status: SessionStatus | None) -> None:
    for watch in watches:
        if status is None:
            watch.end(WhiteboardSessionNotFound(metadata={"session_id": str(session_id)}))
        else:
            watch.offer(status)
