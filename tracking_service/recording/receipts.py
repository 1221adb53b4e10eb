"""Writing once what is tried twice.

A commit may succeed and its answer be lost: the server was killed a moment later, the line was cut. Parts of streams
are known by their numbers then, and signs of life may be recorded again; but a single call's interaction would count
twice. So a flush with such calls leaves a receipt in its transaction: it advances a stream of the recorder's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy.engine import Connection

from tracking_service.recording.submission import Outcome, Submission
from tracking_service.store import streams

#: No client's identity: those begin with the kind of their subject.
OWNER = "tracking_service"


class _Attempt(NamedTuple):
    number: int
    submissions: Sequence[Submission]
    outcomes: list[Outcome]


class Receipts:
    """The receipts of one recorder, which writes one flush at a time."""

    def __init__(self) -> None:
        """Nothing was tried yet."""
        self._stream_id = uuid4()
        self._last: _Attempt | None = None

    def outcomes(self, connection: Connection, submissions: Sequence[Submission]) -> list[Outcome] | None:
        """Return what the last attempt made of these submissions, if it was committed after all.

        Waits for an attempt that is still under way in a server that nobody hears from.
        """
        position = streams.open_stream(connection, self._stream_id, OWNER)
        if position is None or self._last is None or self._last.submissions is not submissions:
            return None
        return self._last.outcomes if position.committed_sequence == self._last.number else None

    def leave(self, connection: Connection, submissions: Sequence[Submission], outcomes: list[Outcome]) -> None:
        """Leave a receipt in the transaction that `outcomes` looked in."""
        self._last = _Attempt(1 if self._last is None else self._last.number + 1, submissions, outcomes)
        streams.advance(connection, {self._stream_id: self._last.number})


def are_needed(submissions: Sequence[Submission]) -> bool:
    """Tell whether writing the submissions twice would count something twice."""
    return any(submission.stream is None and submission.events for submission in submissions)
