"""Which events of a flush are recorded: those of sessions that exist and of people who take part in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from servicekit.errors import DomainError
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import PresenceEvent
from tracking_service.recording.submission import (
    NotAParticipant,
    NumberedEvent,
    Rejection,
    Standing,
    Submission,
    WhiteboardSessionNotFound,
)
from tracking_service.store.streams import StreamPosition
from tracking_service.store.whiteboard_sessions import Members


def standing(submission: Submission, positions: Mapping[UUID, StreamPosition]) -> Standing:
    """Tell whether a submission may be written, given where the locked streams stand (DESIGN 6)."""
    if submission.stream is None:
        return Standing.COMMITTED
    position = positions.get(submission.stream.stream_id)
    if position is None:
        return Standing.FORGOTTEN
    if position.epoch != submission.stream.epoch:
        return Standing.FENCED
    if submission.first_sequence > position.committed_sequence + 1:
        return Standing.DISCONTINUED
    return Standing.COMMITTED


def without_committed(submission: Submission, positions: Mapping[UUID, StreamPosition]) -> Submission:
    """Leave out what an earlier try committed although its answer was lost on the way back."""
    if submission.stream is None:
        return submission
    committed = positions[submission.stream.stream_id].committed_sequence
    if committed < submission.first_sequence:
        return submission
    return replace(
        submission,
        events=[numbered for numbered in submission.events if numbered.sequence > committed],
        heartbeats=[heartbeat for heartbeat in submission.heartbeats if heartbeat.sequence > committed],
        gaps=[numbered for numbered in submission.gaps if numbered.sequence > committed],
    )


def admit(
    events: Sequence[NumberedEvent], members: Mapping[WhiteboardSessionId, Members]
) -> tuple[list[PresenceEvent], list[Rejection]]:
    """Divide events into those to record and those to refuse."""
    admitted: list[PresenceEvent] = []
    rejections: list[Rejection] = []
    for sequence, event in events:
        error = _objection(event, members.get(event.participant.session_id))
        if error is None:
            admitted.append(event)
        else:
            rejections.append(Rejection(sequence, error))
    return admitted, rejections


def _objection(event: PresenceEvent, members: Members | None) -> DomainError | None:
    session_id, user_id, user_type = event.participant
    if members is None:
        return WhiteboardSessionNotFound(
            f"there is no whiteboard session {session_id}", metadata={"session_id": str(session_id)}
        )
    if not members.include(event.participant):
        return NotAParticipant(
            f"user {user_id} is not a {user_type} of whiteboard session {session_id}",
            metadata={"session_id": str(session_id), "user_id": str(user_id), "user_type": user_type.value},
        )
    return None
