"""Checks whose events are accepted, also while the server of a shard does not answer.

See docs/several-databases.md#a-worker-that-is-dead.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from servicekit.database.engine import Database
from servicekit.errors import DomainError, StorageUnavailable
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.grouping import Grouping
from tracking_service.domain.heartbeat_columns import Int64s, participant, session_ids
from tracking_service.recording.admission import membership_error
from tracking_service.store import whiteboard_sessions
from tracking_service.store.shards import grouping_of
from tracking_service.store.whiteboard_sessions import Members

_log = logging.getLogger(__name__)

#: Everybody's acknowledgement waits for the first question that a server which hangs does not answer.
_ANSWER_SOON = text("SET LOCAL statement_timeout = '1s'")
#: To end a statement at a worker that hangs, Citus waits for that worker; so whoever asks gives up by itself.
_MAX_ANSWER_SECONDS: Final = 2.0
MembersBySession = Mapping[WhiteboardSessionId, Members]


class Checked(NamedTuple):
    """What is known of participants who were not known before; whoever belongs to their session is in neither."""

    #: Why they are refused, by their keys.
    refused: Mapping[int, DomainError]
    #: The keys of those whose sessions are in a shard that does not answer.
    unchecked: Int64s


class _Silence(NamedTuple):
    """A server that did not answer is asked again beside the flushes."""

    asked_at: float
    answer: Future[MembersBySession | None]


class ParticipantCheck:
    """Blocking, but not for long: nobody waits for a server that is known not to answer."""

    #: Until then a server that did not answer is not asked again.
    retry_seconds = 1.0

    def __init__(self, database: Database) -> None:
        """All servers are expected to answer."""
        self._database = database
        #: By shard.
        self._silences: dict[int, _Silence] = {}
        self._executor: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ask-shard")

    def of(self, connection: Connection, unknown: Int64s) -> Checked:
        """Check participants, by their keys; there is one at least.

        Raises:
            StorageUnavailable: the database that has the journal does not answer.
        """
        keys = np.unique(unknown)
        owners = session_ids(keys)
        sessions = {WhiteboardSessionId(number) for number in np.unique(owners).tolist()}
        members, unanswered = self._look_up(connection, sessions)
        is_unchecked = np.isin(owners, list(unanswered))
        errors = ((key, membership_error(participant(key), members)) for key in keys[~is_unchecked].tolist())
        return Checked({key: error for key, error in errors if error is not None}, keys[is_unchecked])

    def grouping(self, connection: Connection) -> Grouping:
        """Return how sessions are divided among shards."""
        return grouping_of(connection)

    def members_of(self, sessions: Sequence[WhiteboardSessionId]) -> MembersBySession | None:
        """Return the members of sessions in one shard; None: its server did not answer in time."""
        began = time.monotonic()
        try:
            # In a transaction of its own: that of the flush would fail with it.
            with self._database.transaction(within_seconds=_MAX_ANSWER_SECONDS) as connection:
                connection.execute(_ANSWER_SOON)
                return whiteboard_sessions.members_of(connection, sessions)
        except StorageUnavailable as error:
            is_over = time.monotonic() - began >= _MAX_ANSWER_SECONDS
            if not is_over and not _is_of_shard(error):
                raise
            _log.info("a shard can't be asked who takes part", extra={"cause": str(error.__cause__)})
            return None

    def _look_up(
        self, connection: Connection, sessions: Collection[WhiteboardSessionId]
    ) -> tuple[MembersBySession, set[WhiteboardSessionId]]:
        """Return the members of sessions, and those sessions whose servers do not answer."""
        grouping = self.grouping(connection)
        if not grouping.is_distributed:
            return whiteboard_sessions.members_of(connection, sessions), set()
        members: dict[WhiteboardSessionId, Members] = {}
        unanswered: set[WhiteboardSessionId] = set()
        for own in grouping.sessions_by_shard(sessions):
            found = self._ask(grouping.shard_of(own[0]), own)
            if found is None:
                unanswered.update(own)
            else:
                members |= found
        return members, unanswered

    def _ask(self, shard: int, sessions: Sequence[WhiteboardSessionId]) -> MembersBySession | None:
        """Return the members of sessions of a shard; None if its server does not answer."""
        if self._is_silent(shard, sessions):
            return None
        found = self.members_of(sessions)
        if found is None:
            _log.warning(
                "the server of a shard does not say who takes part: new participants are checked later",
                extra={"shard": shard},
            )
            self._ask_again(shard, sessions)
        return found

    def _is_silent(self, shard: int, sessions: Sequence[WhiteboardSessionId]) -> bool:
        silence = self._silences.get(shard)
        if silence is None:
            return False
        if not silence.answer.done():
            return True
        if silence.answer.exception() is None and silence.answer.result() is not None:
            _log.warning("the server of a shard says again who takes part", extra={"shard": shard})
            del self._silences[shard]
            return False
        if time.monotonic() - silence.asked_at >= self.retry_seconds:
            self._ask_again(shard, sessions)
        return True

    def _ask_again(self, shard: int, sessions: Sequence[WhiteboardSessionId]) -> None:
        self._silences[shard] = _Silence(time.monotonic(), self._executor.submit(self.members_of, sessions))


def _is_of_shard(error: StorageUnavailable) -> bool:
    """Return whether the database that was asked is there, and another one behind it is not."""
    cause = error.__cause__
    if not isinstance(cause, DBAPIError) or cause.connection_invalidated:
        return False
    return getattr(cause.orig, "pgcode", None) is not None
