"""Events of unary calls: one event, answered when it is committed (DESIGN 6)."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from servicekit.errors import Unavailable
from servicekit.rpc.deadlines import answer_seconds
from tracking_service.domain.events import EventKind, PresenceEvent, UserType
from tracking_service.domain.runs import PlainHeartbeat, participant_key
from tracking_service.ingest.committer import GroupCommitter
from tracking_service.ingest.stream_errors import Draining
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission

#: A full queue of 100,000 events is written in some seconds.
RETRY_AFTER_SECONDS = 2.0


class QueueFull(Unavailable):
    """Too many events are waiting to be written; retry."""

    reason = "QUEUE_FULL"


class NotConfirmed(Unavailable):
    """The event could not be confirmed in time; retry. It may be recorded all the same; presence counts once."""

    reason = "NOT_CONFIRMED"


class Recorded(NamedTuple):
    """A committed event."""

    event: PresenceEvent
    #: All presence of its participant, in microseconds; not told for a plain heartbeat, which does not look it up.
    total_active: int


class SingleEvents:
    """Puts single events into the common flush."""

    def __init__(self, committer: GroupCommitter) -> None:
        """Events go the way of all others."""
        self._committer = committer

    async def record(self, event: PresenceEvent, *, deadline_seconds: float | None) -> Recorded:
        """Return when the event is committed; QueueFull, NotConfirmed, Draining, or why it was refused.

        `deadline_seconds` is what the caller has left.
        """
        if self._committer.is_closed:
            raise Draining("this replica is about to stop; retry")
        if self._committer.is_full:
            raise QueueFull(retry_after_seconds=RETRY_AFTER_SECONDS)
        ticket = self._committer.enqueue(_submission(event))
        try:
            outcome = await asyncio.wait_for(asyncio.shield(ticket.outcome), answer_seconds(deadline_seconds))
        except TimeoutError:
            raise NotConfirmed(retry_after_seconds=RETRY_AFTER_SECONDS) from None
        for rejection in outcome.rejections:
            raise rejection.error
        return Recorded(event, outcome.total_active.get(event.participant, 0))


def _submission(event: PresenceEvent) -> Submission:
    if event.kind is not EventKind.HEARTBEAT or event.is_interaction:
        return Submission(None, events=[NumberedEvent(UNNUMBERED, event)])
    session_id, user_id, user_type = event.participant
    key = participant_key(session_id, user_id, is_student=user_type is UserType.STUDENT)
    return Submission(None, heartbeats=[PlainHeartbeat(UNNUMBERED, key, event.at, event.connection_id)])
