"""Whose events are accepted: the session must exist, and the user take part in it."""

from __future__ import annotations

from collections.abc import Mapping

from servicekit.errors import DomainError
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import Participant
from tracking_service.errors import NotAParticipant, WhiteboardSessionNotFound
from tracking_service.store.whiteboard_sessions import Members


def membership_error(participant: Participant, sessions: Mapping[WhiteboardSessionId, Members]) -> DomainError | None:
    """Return why an event of a participant is rejected; None if it is accepted.

    `sessions` are the members of the session if there is one.
    """
    session_id, user_id, user_type = participant
    members = sessions.get(session_id)
    if members is None:
        return WhiteboardSessionNotFound(
            f"there is no whiteboard session {session_id}", metadata={"session_id": str(session_id)}
        )
    if not members.include(participant):
        return NotAParticipant(
            f"user {user_id} is not a {user_type} of whiteboard session {session_id}",
            metadata={"session_id": str(session_id), "user_id": str(user_id), "user_type": user_type.value},
        )
    return None
