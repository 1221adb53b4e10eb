"""Writing unary calls once, even if a flush is tried twice.

A commit may succeed and its answer be lost: the server was killed right after it, or the connection was cut. Parts of
streams are then known by their numbers, and signs of life may be recorded again. But an interaction of a unary call
would count twice. So the transaction of a flush with such calls also advances a stream that belongs to the recorder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy.engine import Connection

from tracking_service.recording.submission import Outcome, Submission
from tracking_service.store import heartbeat_streams

#: Never a client's identity: those begin with the kind of their subject.
OWNER = "tracking_service"


class _Attempt(NamedTuple):
    number: int
    submissions: Sequence[Submission]
    outcomes: list[Outcome]


class WriteDedup:
    """Remembers the last attempt of one recorder, which writes one flush at a time."""

    def __init__(self) -> None:
        self._stream_id = uuid4()
        self._last: _Attempt | None = None

    def find(self, connection: Connection, submissions: Sequence[Submission]) -> list[Outcome] | None:
        """Return the outcomes of the last attempt at these submissions if it was committed, else None.

        Waits for an attempt that is still under way in a server that does not answer.
        """
        position = heartbeat_streams.open_stream(connection, self._stream_id, OWNER)
        if position is None or self._last is None or self._last.submissions is not submissions:
            return None
        return self._last.outcomes if position.committed_sequence == self._last.number else None

    def record(self, connection: Connection, submissions: Sequence[Submission], outcomes: list[Outcome]) -> None:
        """Record an attempt in its own transaction, the one in which `find` was called."""
        self._last = _Attempt(1 if self._last is None else self._last.number + 1, submissions, outcomes)
        heartbeat_streams.advance(connection, {self._stream_id: self._last.number})
