"""Events of unary calls: one event, answered when it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from servicekit.auth.principal import USER_OWNERS
from servicekit.rpc.deadlines import answer_seconds
from tracking_service.domain.events import EventKind, Participant, PresenceEvent
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.errors import Draining, NotConfirmed, QueueFull
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.instruments.streams import StreamInstruments
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Outcome, Submission

#: A full queue of 100,000 events is written in some seconds.
RETRY_AFTER_SECONDS = 2.0


class RecordedEvent(NamedTuple):
    """A committed event."""

    event: PresenceEvent
    #: All presence of its participant, in microseconds; 0 for a plain heartbeat, which does not read it.
    total_active: int


class UnaryEvents:
    """Puts single events into the common queue."""

    def __init__(
        self,
        committer: GroupCommitter,
        total_active: Callable[[Participant], int],
        instruments: StreamInstruments | None = None,
    ) -> None:
        """`total_active` returns all presence of a participant in microseconds; it blocks."""
        self._committer = committer
        self._instruments = instruments or StreamInstruments()
        self._total_active = total_active

    async def record(self, event: PresenceEvent, *, deadline_seconds: float | None) -> RecordedEvent:
        """Return when the event is committed; `deadline_seconds` is what the caller has left.

        Raises:
            Draining: this replica is about to stop.
            QueueFull: too many events wait already.
            NotConfirmed: it took too long.
            WhiteboardSessionNotFound, NotAParticipant: the event was rejected.
        """
        if self._committer.is_closed:
            raise Draining("this replica is about to stop; retry")
        if self._committer.is_full:
            raise QueueFull(retry_after_seconds=RETRY_AFTER_SECONDS)
        waiting = self._committer.enqueue(_submission(event)).outcome
        # `asyncio.wait_for` with `asyncio.shield` takes 6 us instead of 2.
        too_long = waiting.get_loop().call_later(answer_seconds(deadline_seconds), _give_up, waiting)
        try:
            outcome = await waiting
        finally:
            too_long.cancel()
        for rejection in outcome.rejections:
            self._instruments.note_rejected(rejection.error.reason)
            raise rejection.error
        if event.kind is not EventKind.DISCONNECT:
            return RecordedEvent(event, 0)
        return RecordedEvent(event, await asyncio.to_thread(self._total_active, event.participant))


def _give_up(waiting: asyncio.Future[Outcome]) -> None:
    if not waiting.done():
        waiting.set_exception(NotConfirmed(retry_after_seconds=RETRY_AFTER_SECONDS))


def _submission(event: PresenceEvent) -> Submission:
    # Services may call for a user, and then take the user's turn.
    caller = f"{USER_OWNERS}{event.participant.user_id}"
    if event.kind is not EventKind.HEARTBEAT or event.is_interaction:
        return Submission(None, events=[NumberedEvent(UNNUMBERED, event)], caller=caller)
    submission = Submission(None, caller=caller)
    submission.heartbeats.add(UNNUMBERED, key_of(event.participant), event.at, event.connection_id)
    return submission
