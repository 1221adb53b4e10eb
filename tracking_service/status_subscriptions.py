"""Live status: every watched session is read once a second (docs/adr/0010-live-status.md)."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial

from servicekit.auth.principal import Principal
from servicekit.auth.verifier import TokenExpired, accepted_until
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock
from servicekit.errors import DomainError, StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from servicekit.rpc.deadlines import run_query
from tracking_service.errors import Draining, NotYourSession, TooManyWatches, WhiteboardSessionNotFound
from tracking_service.queries.status import SessionStatus, StatusQuery

_log = logging.getLogger(__name__)

#: Changes are sent within 2 s: half of that for waiting, half for reading and the way to the watcher.
POLL_INTERVAL_SECONDS = 1.0
#: Proxies commonly cut connections that are silent for a minute. Three repetitions fit into that.
REPEAT_SECONDS = 15.0
#: So many take 160 MiB and an eighth of a core (two to a session; docs/adr/0010-live-status.md).
MAX_SUBSCRIPTIONS = 5_000


class StatusSubscription:
    """Holds the state that one watcher gets next. A later state replaces an earlier one that was not read yet."""

    def __init__(self, principal: Principal, first: SessionStatus, *, repeat_seconds: float = REPEAT_SECONDS) -> None:
        """`first` is returned at once."""
        self._principal = principal
        self._latest = first
        self._sent: SessionStatus | None = None
        self._repeat_seconds = repeat_seconds
        self._ended_by: DomainError | None = None
        self._has_changed = asyncio.Event()
        self._has_changed.set()

    def offer(self, status: SessionStatus) -> None:
        """Take over a state, unless a later one is known already."""
        if status.status.as_of < self._latest.status.as_of:
            return
        self._latest = status
        if self._sent is not None and status.differs(self._sent, self._principal):
            self._has_changed.set()

    def end(self, error: DomainError) -> None:
        """Make `next` raise an error; the first one counts."""
        self._ended_by = self._ended_by or error
        self._has_changed.set()

    async def next(self) -> SessionStatus:
        """Return the next state to send: at once if it has changed, else after the repetition time.

        Raises what ended the subscription, or NotYourSession when the watcher no longer takes part.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._has_changed.wait(), self._repeat_seconds)
        if self._ended_by is not None:
            raise self._ended_by
        if not self._latest.is_visible_to(self._principal):
            raise NotYourSession
        self._has_changed.clear()
        self._sent = self._latest
        return self._latest


class StatusSubscriptions:
    """All subscriptions of this process, up to a limit. Changes show whichever replica recorded them."""

    def __init__(self, query: StatusQuery, clock: Clock, *, limit: int = MAX_SUBSCRIPTIONS) -> None:
        """Nothing is read before `run`."""
        self._query = query
        self._clock = clock
        self._limit = limit
        self._open = 0
        self._by_session: defaultdict[WhiteboardSessionId, set[StatusSubscription]] = defaultdict(set)
        self._is_draining = False
        self._storage_is_unavailable = False

    def __len__(self) -> int:
        """Return how many subscriptions are open."""
        return self._open

    @asynccontextmanager
    async def opened(
        self,
        principal: Principal,
        session_id: WhiteboardSessionId,
        *,
        turn: AbstractAsyncContextManager[None],
        deadline_seconds: float | None,
    ) -> AsyncIterator[StatusSubscription]:
        """Subscribe to a session for the length of the block. It is read for the first time when it is their `turn`.

        The subscription itself ends with Draining, TokenExpired, WhiteboardSessionNotFound or NotYourSession.

        Raises:
            Draining: this replica is about to stop.
            StorageUnavailable: the database is unavailable.
            TooManyWatches: the limit is reached.
            WhiteboardSessionNotFound: there is no such session, or the caller may not see it.
        """
        if self._open >= self._limit:
            raise TooManyWatches
        self._open += 1
        try:
            read = partial(self._query.get_status, principal, session_id)
            async with turn:
                subscription = StatusSubscription(principal, await run_query(read, deadline_seconds))
            if self._is_draining:
                raise Draining
            with self._polled(subscription, session_id), self._expiring(subscription, principal):
                yield subscription
        finally:
            self._open -= 1

    async def run(self) -> None:
        """Keep every subscription up to date until cancelled."""
        while True:
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
            if self._by_session:
                await self._poll()

    def drain(self) -> None:
        """Ask every watcher to go elsewhere, and refuse new ones."""
        self._is_draining = True
        for subscriptions in self._by_session.values():
            for subscription in subscriptions:
                subscription.end(Draining())

    @contextmanager
    def _polled(self, subscription: StatusSubscription, session_id: WhiteboardSessionId) -> Iterator[None]:
        self._by_session[session_id].add(subscription)
        try:
            yield
        finally:
            self._by_session[session_id].discard(subscription)
            if not self._by_session[session_id]:
                del self._by_session[session_id]

    @contextmanager
    def _expiring(self, subscription: StatusSubscription, principal: Principal) -> Iterator[None]:
        remaining = (accepted_until(principal) - self._clock.now()) / MICROSECONDS_PER_SECOND
        expiry = asyncio.get_running_loop().call_later(remaining, subscription.end, TokenExpired())
        try:
            yield
        finally:
            expiry.cancel()

    async def _poll(self) -> None:
        """Read all watched sessions at once. Without storage no subscription gets a new state."""
        watched = {session_id: tuple(subscriptions) for session_id, subscriptions in self._by_session.items()}
        try:
            statuses, unanswered = await asyncio.to_thread(self._query.get_watched, watched)
        except StorageUnavailable:
            self._note_storage(unavailable_for=len(watched))
        except Exception:  # noqa: BLE001 - one failed round must not end all later ones
            _log.exception("reading watched sessions failed")
        else:
            self._note_storage(unavailable_for=len(unanswered))
            for session_id in watched.keys() - unanswered:
                _update(watched[session_id], session_id, statuses.get(session_id))

    def _note_storage(self, *, unavailable_for: int) -> None:
        if unavailable_for and not self._storage_is_unavailable:
            _log.warning("storage is unavailable: watchers get no new states", extra={"sessions": unavailable_for})
        self._storage_is_unavailable = unavailable_for > 0


def _update(
    subscriptions: tuple[StatusSubscription, ...], session_id: WhiteboardSessionId, status: SessionStatus | None
) -> None:
    for subscription in subscriptions:
        if status is None:
            subscription.end(WhiteboardSessionNotFound(metadata={"session_id": str(session_id)}))
        else:
            subscription.offer(status)
