"""Settling: sessions that are over are judged once and written down (docs/suggestions.md#settling)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import Settlement, is_over, is_settled, settlement_of
from attendance_service.domain.suggestion import Suggestion
from attendance_service.store.sessions import SessionStore
from attendance_service.store.settlements import Saved, SettlementStore
from attendance_service.store.settling_queue import NEWEST, WITHOUT_DAY, QueuePosition, SettlingQueue
from attendance_service.use_cases.suggestion_service import SessionSuggestion, SuggestionService
from servicekit.clock import Clock, to_datetime
from servicekit.errors import Unavailable
from servicekit.identifiers import TutoringSessionId, UserId

_log = logging.getLogger(__name__)

#: Sessions of these days are looked for in each round; older ones, of which there may be millions, now and then.
RECENT = timedelta(days=2)
#: A walk through all sessions finds those that were entered, moved or cancelled long after their time.
WALK_INTERVAL = timedelta(hours=1)
#: Old sessions take this share of the time, so that a million of them does not hold up calls.
BACKLOG_SHARE = 0.2
#: A session that could not be judged, or is not over by its whiteboard, is tried again after this time.
POSTPONEMENT = timedelta(hours=6)
#: Sessions that are the next ones so often, although they were judged, would keep the job busy for ever.
MAX_REPETITIONS = 5
#: A round takes at most this long at a stop: a call to the tracking service, and a transaction.
MAX_STOP_SECONDS = 5.0
#: Sees every session, and decides on none.
_READER = Caller(user_id=UserId(0), role=CallerRole.ADMIN)


class Settler:
    """Judges sessions and writes them down."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        suggestions: SuggestionService,
        settlements: SettlementStore,
        queue: SettlingQueue,
        describe: Callable[[SessionSuggestion], Mapping[str, Any]],
        clock: Clock,
        zone: tzinfo,
        settling_time: timedelta,
        backfill_limit: timedelta,
    ) -> None:
        """`describe` makes the evidence; relays may report for `backfill_limit` after an event."""
        self._sessions = sessions
        self._suggestions = suggestions
        self._settlements = settlements
        self._queue = queue
        self._describe = describe
        self._clock = clock
        self._zone = zone
        self._settling_time = settling_time
        self._backfill_limit = backfill_limit

    async def settle(self, session_ids: Sequence[TutoringSessionId]) -> Saved:
        """Judge sessions with one call and write down those that are over.

        The claims of all of them end: what is not over is forgotten, and what its whiteboard may still change is
        postponed.

        Raises:
            TrackingUnavailable: the tracking service does not answer.
            StorageUnavailable: the database can't be reached.
        """
        now = to_datetime(self._clock.now())
        sessions = [it for it in await self._sessions.get_many(session_ids, _READER) if self.is_over(it, now)]
        await self._queue.drop(set(session_ids) - {session.id for session in sessions})
        suggestions = await self._suggestions.suggest_many(sessions, await self._suggestions.policies_for(sessions))
        settled = [it for it in zip(sessions, suggestions, strict=True) if is_settled(*it) and not _is_final(*it)]
        await self._queue.postpone({it.id for it in sessions} - {it.id for it, _ in settled}, POSTPONEMENT)
        return await self._settlements.save(await self.settlements(settled, judged_at=now))

    def is_over(self, session: TutoringSession, now: datetime) -> bool:
        """Return whether the session and its settling time are over."""
        return is_over(session, now=now, zone=self._zone, settling_time=self._settling_time)

    async def settlements(
        self, judged: Sequence[tuple[TutoringSession, Suggestion]], *, judged_at: datetime
    ) -> list[Settlement]:
        """Return what to write down about settled sessions; `judged_at` is a time before the facts were read."""
        return [
            settlement_of(session, suggestion, document, judged_at=judged_at, backfill_limit=self._backfill_limit)
            for (session, suggestion), document in zip(judged, await self.documents(judged), strict=True)
        ]

    async def documents(self, judged: Sequence[tuple[TutoringSession, Suggestion]]) -> list[Mapping[str, Any]]:
        """Return the evidence for each suggestion."""
        return [self._describe(named) for named in await self._suggestions.with_names_of_many(judged)]


def _is_final(session: TutoringSession, suggestion: Suggestion) -> bool:
    """Return whether what is written down stays, because the facts from which it was made are deleted."""
    return suggestion.is_of_deleted_facts and session.settled_etag is not None


class SettlingJob:
    """Settles sessions one batch after the other; any number of replicas may run it."""

    def __init__(
        self, *, settler: Settler, queue: SettlingQueue, clock: Clock, zone: tzinfo, interval_seconds: float
    ) -> None:
        """Nothing runs before `run`."""
        self._settler = settler
        self._queue = queue
        self._clock = clock
        self._zone = zone
        self._interval_seconds = interval_seconds
        self._stopping = asyncio.Event()
        #: Where the walk through all sessions goes on; None: it is at its end.
        self._walk: QueuePosition | None = NEWEST
        self._walked_at: datetime | None = None
        self._last_batch: Sequence[TutoringSessionId] = ()
        self._repetitions = 0

    async def run(self) -> None:
        """Settle sessions until `stop`. While a service or the database is away, it waits: nothing is lost."""
        pause = self._interval_seconds
        while not await self._is_stopped_within(pause):
            started = asyncio.get_running_loop().time()
            try:
                found = await self.settle_batch()
            except Unavailable as error:
                _log.warning("sessions can't be settled at the moment", extra={"reason": error.reason})
                found = False
            except Exception:  # noqa: BLE001 - logged; a fault must not end the job
                _log.exception("sessions could not be settled")
                found = False
            took = asyncio.get_running_loop().time() - started
            pause = took * (1 / BACKLOG_SHARE - 1) if found else self._interval_seconds

    def stop(self) -> None:
        """Let `run` end after the batch that it is working on."""
        self._stopping.set()

    async def settle_all(self) -> None:
        """Settle everything that is to be settled now, without pauses."""
        self._walk = NEWEST
        while await self.settle_batch():
            pass

    async def settle_batch(self) -> bool:
        """Settle one batch of what is most urgent; return whether there was any.

        First come sessions about which late reports may have come, then those that ended lately, then all others.
        """
        session_ids = await self._queue.claim_rechecks() or await self._claim_recent()
        if session_ids:
            await self._settle(session_ids)
            return True
        return await self._settle_backlog()

    async def _claim_recent(self) -> Sequence[TutoringSessionId]:
        first_day = to_datetime(self._clock.now()).astimezone(self._zone).date() - RECENT
        position: QueuePosition | None = NEWEST
        while position is not None:
            claim = await self._queue.claim_due(position, first_day=first_day)
            if claim.session_ids:
                return claim.session_ids
            position = claim.last
        return ()

    async def _settle_backlog(self) -> bool:
        now = to_datetime(self._clock.now())
        if self._walk is None:
            if self._walked_at is not None and now - self._walked_at < WALK_INTERVAL:
                return False
            self._walk = NEWEST
        claim = await self._queue.claim_due(self._walk)
        await self._settle(claim.session_ids)
        if claim.last is not None:
            self._walk = claim.last
        elif self._walk.day is not None:
            self._walk = WITHOUT_DAY
        else:
            self._walk, self._walked_at = None, now
        return self._walk is not None or bool(claim.session_ids)

    async def _settle(self, session_ids: Sequence[TutoringSessionId]) -> None:
        self._repetitions = self._repetitions + 1 if session_ids == self._last_batch else 0
        self._last_batch = session_ids
        if not session_ids:
            return
        if self._repetitions >= MAX_REPETITIONS:
            _log.error("sessions are to be settled again and again", extra={"session_ids": session_ids})
            await self._queue.postpone(session_ids, POSTPONEMENT)
            return
        try:
            saved = await self._settler.settle(session_ids)
        except Unavailable:
            # Nothing was judged, so the next time is no repetition.
            self._last_batch = ()
            await self._queue.postpone(session_ids)
            raise
        except Exception:  # noqa: BLE001 - logged; a fault of one session must not stop the others
            if len(session_ids) > 1:
                # One of them fails; the others must not wait for it.
                for session_id in session_ids:
                    await self._settle([session_id])
                return
            _log.exception("a session could not be settled", extra={"session_id": session_ids[0]})
            await self._queue.postpone(session_ids, POSTPONEMENT)
        else:
            _log.info("settled sessions", extra={"settled": saved.settled, "changed": saved.changed})

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True
