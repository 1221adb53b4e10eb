"""Leaves out who does not take part, of those whom nobody could check when their events were accepted.

See docs/several-databases.md#a-worker-that-is-dead.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
from sqlalchemy.engine import Connection

from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import Participant
from tracking_service.domain.heartbeat_columns import participant, session_ids
from tracking_service.folding.pending import Pending
from tracking_service.store import whiteboard_sessions
from tracking_service.store.whiteboard_sessions import Members

_log = logging.getLogger(__name__)


def without_strangers(connection: Connection, pending: Pending) -> Pending:
    """Return what is pending of those who take part; sessions are in one shard."""
    unchecked = pending.unchecked()
    if not len(unchecked):
        return pending
    sessions = {WhiteboardSessionId(number) for number in session_ids(unchecked).tolist()}
    members = whiteboard_sessions.members_of(connection, sessions)
    strangers = [key for key in unchecked.tolist() if not _takes_part(participant(key), members)]
    if strangers:
        _log.warning(
            "events of users who do not take part were left out: nobody could check that when they were accepted",
            extra={"users": len(strangers)},
        )
    return pending.checked(np.array(strangers, np.int64))


def _takes_part(participant: Participant, sessions: Mapping[WhiteboardSessionId, Members]) -> bool:
    members = sessions.get(participant.session_id)
    return members is not None and members.include(participant)
