"""SQL that several tables use: timestamps, and the planner's settings."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import MICROSECONDS_PER_SECOND, Instant, from_datetime
from tracking_service.domain.events import UserType
from tracking_service.domain.heartbeat_columns import SESSION_SHIFT, USER_ID_MASK, USER_TYPE_BITS

#: For thousands of keys at once the planner would rather scan and hash whole tables, which costs more with every
#: session that is stored. The writer's connections have these settings from the start; queries that need them call
#: `find_rows_by_key`.
FIND_ROWS_BY_KEY = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    # Where there is no other way, what is switched off is planned as if it cost very much: PostgreSQL would compile a
    # statement that reads one row, which takes it 5 ms.
    "jit": "off",
}
#: A transaction that waits longer for one lock gives up all its locks and begins again. Transactions of replicas take
#: less, so this one waits for something else, such as a statement that somebody runs by hand. It must not hold up
#: other sessions for as long.
LOCK_TIMEOUT = {"lock_timeout": "5s"}
#: The trigger on whiteboard_sessions that notes whose members change passes over what such connections write.
CHANGES_NO_MEMBERS = {"tracking.changes_no_members": "on"}
#: What connections have that write facts.
WRITER_PARAMETERS = {**FIND_ROWS_BY_KEY, **LOCK_TIMEOUT, **CHANGES_NO_MEMBERS}
#: A participant comes as one number (`heartbeat_columns.participant_key`), here `key`: one array of numbers costs the
#: driver, the parser and the plan less than three arrays of its parts do.
PARTICIPANT_OF_KEY = f"""
    CAST(key >> {SESSION_SHIFT} AS integer) AS session_id,
    CAST(key >> {USER_TYPE_BITS} & {USER_ID_MASK} AS integer) AS user_id,
    CASE key & 1 WHEN 0 THEN '{UserType.TUTOR}' ELSE '{UserType.STUDENT}' END AS user_type"""
_SETTINGS = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in FIND_ROWS_BY_KEY.items())
_SET_LOCAL = text(f"SELECT {_SETTINGS}")


def find_rows_by_key(connection: Connection) -> None:
    """Apply the settings to the rest of the transaction."""
    connection.execute(_SET_LOCAL)


def timestamptz_sql(expression: str) -> str:
    """Return SQL that turns microseconds since the epoch into a timestamptz, exactly."""
    return f"(timestamptz 'epoch' + {expression} * interval '1 microsecond')"


def connection_number_sql(expression: str) -> str:
    """Return SQL for the number of a connection id, as `tracking_service.domain.heartbeat_columns` computes it."""
    digest = f"encode(substr(sha256(convert_to({expression}, 'UTF8')), 1, 4), 'hex')"
    return f"CASE {expression} WHEN '' THEN 0 ELSE CAST(CAST('x' || {digest} AS bit(32)) AS bigint) END"


class Placement(NamedTuple):
    """How a statement finds the rows of its sessions, which come as `batch.session_id`.

    In one PostgreSQL it joins them. Citus has to see their ids as constants to know which shard the statement is about,
    and the rows of an INSERT have to come from a distributed table. All that is computed from rows has to be immutable.
    """

    is_in_shard: bool

    def of_sessions(self, column: str) -> str:
        """Return the condition that a column is the id of one of the sessions.

        The first comparison says all of them; the second one keeps the planner from beginning with them.
        """
        return f"({column} = ANY (:sessions) OR {column} = :first_session)" if self.is_in_shard else "TRUE"

    @property
    def session_id(self) -> str:
        """The id of the session of a row that is inserted."""
        return "owner.id" if self.is_in_shard else "batch.session_id"

    @property
    def session_join(self) -> str:
        """What follows the batch of an INSERT."""
        if not self.is_in_shard:
            return ""
        return f"JOIN whiteboard_sessions AS owner ON owner.id = batch.session_id AND {self.of_sessions('owner.id')}"

    @property
    def participant_of_key(self) -> str:
        """As PARTICIPANT_OF_KEY; Citus loses the value that a CASE compares with."""
        if not self.is_in_shard:
            return PARTICIPANT_OF_KEY
        return PARTICIPANT_OF_KEY.replace("CASE key & 1 WHEN 0 THEN", "CASE WHEN key & 1 = 0 THEN")

    def timestamptz(self, expression: str) -> str:
        """Return SQL that turns microseconds since the epoch into a timestamptz, exactly until the year 2100.

        To add an interval is not immutable, since it may depend on the time zone.
        """
        if not self.is_in_shard:
            return timestamptz_sql(expression)
        return f"to_timestamp(CAST({expression} AS double precision) / {MICROSECONDS_PER_SECOND})"

    def connection_number(self, expression: str) -> str:
        """Return SQL for the number of a connection id; in a shard the database has to be encoded in UTF-8."""
        if not self.is_in_shard:
            return connection_number_sql(expression)
        encoded = rf"decode(replace({expression}, '\', '\\'), 'escape')"
        digest = f"encode(substr(sha256({encoded}), 1, 4), 'hex')"
        return f"CASE WHEN {expression} = '' THEN 0 ELSE CAST(CAST('x' || {digest} AS bit(32)) AS bigint) END"


UNDIVIDED_PLACEMENT = Placement(is_in_shard=False)
IN_SHARD = Placement(is_in_shard=True)


def instant(value: object) -> Instant:
    """Read a timestamptz."""
    return from_datetime(value)  # type: ignore[arg-type]  # psycopg2 gives datetimes for this column type


def optional_instant(value: object) -> Instant | None:
    """Read a timestamptz that may be NULL."""
    return None if value is None else instant(value)
