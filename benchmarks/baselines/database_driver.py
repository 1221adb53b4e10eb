"""The limit of the database: appends of full flushes, recorded from the service's appender and sent again.

Nothing is computed between two transactions, and nothing is folded. psycopg2 sends the statements that SQLAlchemy gave
it, on one connection.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import psycopg2
from pydantic import BaseModel
from sqlalchemy import event

from benchmarks.child_process import answer
from benchmarks.load.messages import Delivered, Ready, Run, user_id
from benchmarks.load.prepared_messages import participant_groups
from servicekit.clock import SystemClock
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.postgres import execute
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.store.sql import FIND_ROWS_BY_KEY

_PREPARE = "PREPARE "
#: The parameter that numbers a writer's flushes.
_RECORD = "record"


class Transaction(NamedTuple):
    """The statements of one flush."""

    heartbeats: int
    #: With parameters by name.
    statements: list[tuple[str, Mapping[str, Any]]]


class DriverPlan(BaseModel):
    """The database, and how many heartbeats a transaction appends. Answered with Ready."""

    url: str
    sessions: int
    heartbeats_per_transaction: int


class StatementRecording:
    """Records the statements that the service's appender sends, transaction by transaction."""

    def __init__(self, plan: DriverPlan) -> None:
        """No participant is connected yet."""
        self._database = Database(
            plan.url, role="tracking_service", application="driver_alone", pool_size=1, parameters=FIND_ROWS_BY_KEY
        )
        self._clock = SystemClock()
        self._appender = Appender(self._database)
        #: Statements that are sent once, before all transactions.
        self.preparations: dict[str, None] = {}
        self._sent: list[tuple[str, Mapping[str, Any]]] = []
        event.listen(self._database.engine, "before_cursor_execute", self._record)
        self._groups = participant_groups(
            range(1, plan.sessions + 1), ("tutor", "student"), plan.heartbeats_per_transaction
        )

    @property
    def last_record(self) -> int:
        """The number of the last flush that was recorded."""
        return self._appender.last_record

    def connect_all(self) -> None:
        """Connect every participant."""
        for participants in self._flushes():
            now = self._clock.now()
            connects = [PresenceEvent(participant, EventKind.CONNECT, now) for participant in participants]
            self._appender.write([Submission(None, events=[NumberedEvent(UNNUMBERED, made) for made in connects])])

    def transactions(self) -> list[Transaction]:
        """Append one heartbeat of every participant; return the transactions that were sent for them."""
        recorded = []
        for participants in self._flushes():
            self._sent.clear()
            self._appender.write([self._heartbeats(participants)])
            recorded.append(Transaction(len(participants), list(self._sent)))
        self._database.dispose()
        return recorded

    def _record(self, _connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401 - psycopg2's
        if statement.startswith(_PREPARE):
            self.preparations |= {statement: None}
        else:
            self._sent.append((statement, parameters))

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


def replay(url: str, preparations: Iterable[str], transactions: list[Transaction], last_record: int) -> None:
    """Send recorded transactions again and again, for the time of each request from standard input."""
    # With these, PostgreSQL makes the same plans as for the service.
    options = " ".join(f"-c {name}={value}" for name, value in FIND_ROWS_BY_KEY.items())
    connection = psycopg2.connect(url, options=options)
    with connection, connection.cursor() as cursor:
        for statement in preparations:
            cursor.execute(statement)
    record = last_record
    for line in sys.stdin:
        request = Run.model_validate_json(line)
        started = time.monotonic()
        appended = 0
        while time.monotonic() - started < request.seconds:
            transaction = transactions[record % len(transactions)]
            record += 1
            with connection, connection.cursor() as cursor:
                for statement, parameters in transaction.statements:
                    numbered = {**parameters, _RECORD: record} if _RECORD in parameters else parameters
                    cursor.execute(statement, numbered)
            appended += transaction.heartbeats
        answer(Delivered(events=appended, seconds=time.monotonic() - started))
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
    replay(plan.url, recording.preparations, transactions, recording.last_record)


if __name__ == "__main__":
    main()
