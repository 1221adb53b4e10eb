"""The limit of the database: the statements of full flushes, recorded from the service's recorder and sent again.

Nothing is computed between two transactions. psycopg2 sends the statements that SQLAlchemy gave it, on one connection.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg2
from pydantic import BaseModel
from sqlalchemy import event

from benchmarks.child_process import answer
from benchmarks.load.messages import Delivered, Ready, Run, user_id
from benchmarks.load.prepared_messages import participant_groups
from servicekit.clock import SystemClock, seconds
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.postgres import execute
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.store.sql import FIND_ROWS_BY_KEY

#: No participant times out while another target is measured.
_TIMEOUT = seconds(3600)
#: Recorded cycles, in each of which every participant's row changes; then the statements are repeated.
_CYCLES = 3
_PREPARE = "PREPARE "


class Transaction(NamedTuple):
    """The statements of one flush."""

    rows: int
    #: With parameters.
    statements: list[tuple[str, Any]]


class DriverPlan(BaseModel):
    """The database, and how many rows a transaction changes. Answered with Ready."""

    url: str
    sessions: int
    rows_per_transaction: int


class StatementRecording:
    """Records the statements that the service's recorder sends, transaction by transaction."""

    def __init__(self, plan: DriverPlan) -> None:
        """No participant is connected yet."""
        self._database = Database(
            plan.url, role="tracking_service", application="driver_alone", pool_size=3, parameters=FIND_ROWS_BY_KEY
        )
        self._clock = SystemClock()
        self._recorder = Appender(self._database)
        #: Statements that are sent once, before all transactions.
        self.preparations: dict[str, None] = {}
        self._groups = participant_groups(range(1, plan.sessions + 1), ("tutor", "student"), plan.rows_per_transaction)

    def connect_all(self) -> None:
        """Open an interval for every participant."""
        for participants in self._flushes():
            now = self._clock.now()
            connects = [PresenceEvent(participant, EventKind.CONNECT, now) for participant in participants]
            self._recorder.write([Submission(None, events=[NumberedEvent(UNNUMBERED, made) for made in connects])])

    def transactions(self) -> list[Transaction]:
        """Write `_CYCLES` heartbeats of every participant; return the transactions that were sent for them."""
        sent: list[tuple[str, Any]] = []

        def record(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            if statement.startswith(_PREPARE):
                self.preparations |= {statement: None}
            else:
                sent.append((statement, parameters))

        event.listen(self._database.engine, "before_cursor_execute", record)
        recorded = []
        for _ in range(_CYCLES):
            for participants in self._flushes():
                sent.clear()
                self._recorder.write([self._heartbeats(participants)])
                recorded.append(Transaction(len(participants), list(sent)))
        self._database.dispose()
        return recorded

    def _flushes(self) -> Iterator[list[Participant]]:
        for group in self._groups:
            role = UserType(group.role)
            yield [
                Participant(WhiteboardSessionId(session), UserId(user_id(session, role)), role)
                for session in group.sessions
            ]

    def _heartbeats(self, participants: list[Participant]) -> Submission:
        now = self._clock.now()
        submission = Submission(None)
        for participant in participants:
            submission.heartbeats.add(UNNUMBERED, key_of(participant), now, connection_id="")
        return submission


def replay(url: str, preparations: Iterable[str], transactions: list[Transaction]) -> None:
    """Send recorded transactions again and again, for the time of each request from standard input."""
    # With these, PostgreSQL makes the same plans as for the service.
    options = " ".join(f"-c {name}={value}" for name, value in FIND_ROWS_BY_KEY.items())
    connection = psycopg2.connect(url, options=options)
    with connection, connection.cursor() as cursor:
        for statement in preparations:
            cursor.execute(statement)
    position = 0
    for line in sys.stdin:
        request = Run.model_validate_json(line)
        started = time.monotonic()
        changed = 0
        while time.monotonic() - started < request.seconds:
            transaction = transactions[position % len(transactions)]
            with connection, connection.cursor() as cursor:
                for statement, parameters in transaction.statements:
                    cursor.execute(statement, parameters)
            position += 1
            changed += transaction.rows
        answer(Delivered(events=changed, seconds=time.monotonic() - started))
    connection.close()


def main() -> None:
    """Answer requests from standard input until it ends."""
    plan = DriverPlan.model_validate_json(sys.stdin.readline())
    recording = StatementRecording(plan)
    recording.connect_all()
    transactions = recording.transactions()
    # In production autovacuum does this within a minute.
    execute(plan.url, "VACUUM ANALYZE")
    answer(Ready())
    replay(plan.url, recording.preparations, transactions)


if __name__ == "__main__":
    main()
