"""Distributes the tables of facts among the workers of a Citus cluster (docs/several-databases.md).

Everything else, the journal too, stays on the coordinator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.transaction import execute_verbatim
from tracking_service.domain.grouping import ALL_GROUPS, GROUPS, Grouping
from tracking_service.migrations.functions_for_shards import replace_functions
from tracking_service.migrations.moving_rows import rows_moved
from tracking_service.store.sql import WRITER_PARAMETERS

#: The first one decides where the rows of the others are: in the shards of the same sessions.
TABLES: Mapping[str, str] = {
    "whiteboard_sessions": "id",
    "presence_intervals": "whiteboard_session_id",
    "connection_events": "whiteboard_session_id",
    "activity_periods": "whiteboard_session_id",
    "deleted_facts": "whiteboard_session_id",
    "relay_sessions": "whiteboard_session_id",
    "membership_changes": "whiteboard_session_id",
    "session_groups": "session_group",
}
_FIRST = next(iter(TABLES))
#: What our connections to the coordinator have for themselves, workers have to have by role: Citus passes on only what
#: a transaction sets.
_SETTINGS_ON_WORKERS = WRITER_PARAMETERS

_CITUS_VERSION = text("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
_WORKERS = text("""
SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE groupid <> 0 AND isactive AND shouldhaveshards
""")
_DISTRIBUTED = text("SELECT CAST(logicalrelid AS text) FROM pg_dist_partition WHERE partmethod = 'h'")
_SETTINGS = text(
    "SELECT current_setting('server_encoding') AS encoding, usesuper FROM pg_user WHERE usename = current_user"
)
_CONNECTED_SERVICES = text("""
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tracking_service'
""")
_UNFOLDED = text("""
SELECT EXISTS (
    SELECT FROM journal_writers AS writer CROSS JOIN session_groups AS known
    WHERE COALESCE(CAST(known.positions -> CAST(writer.writer_id AS text) ->> 0 AS bigint), 0) < writer.last_record
        OR COALESCE(CAST(known.positions -> CAST(writer.writer_id AS text) ->> 1 AS bigint), 0) < writer.last_record)
""")
_ROLE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
_ON_WORKERS = text("SELECT nodename || ':' || nodeport, success, result FROM run_command_on_workers(:statement)")

#: Everything is folded, so each group begins after what was appended until now.
_RENUMBER = """
CREATE TEMPORARY TABLE folded ON COMMIT DROP AS
SELECT min(folded_at) AS folded_at, COALESCE((
    SELECT jsonb_object_agg(writer_id, jsonb_build_array(last_record, last_record)) FROM journal_writers), '{}')
    AS positions
FROM session_groups
"""


class CannotDistribute(Exception):
    """The database or its cluster can't be used as it is."""


class Plan(NamedTuple):
    """What is to be done."""

    shards: int
    workers: Sequence[str]
    #: In their order.
    tables: Sequence[str]
    #: Roles that have to be allowed to log in on the workers.
    roles: Sequence[str]


def plan(connection: Connection, *, shards: int, roles: Sequence[str]) -> Plan:
    """Return what is to be done; CannotDistribute."""
    if not 1 <= shards <= GROUPS or shards & (shards - 1):
        raise CannotDistribute(f"The number of shards has to be a power of two, {GROUPS} at most.")
    if connection.execute(_CITUS_VERSION).scalar() is None:
        raise CannotDistribute(
            "This database has no Citus. Install Citus on each server, add it to shared_preload_libraries, CREATE "
            "EXTENSION citus in this database on each of them, and add the workers here with citus_add_node."
        )
    workers = list(connection.execute(_WORKERS).scalars())
    if not workers:
        raise CannotDistribute("Citus knows no worker here. Add each with SELECT citus_add_node('host', port).")
    settings = connection.execute(_SETTINGS).one()
    if not settings.usesuper:
        raise CannotDistribute("Log in as a superuser: settings of roles on workers need one.")
    if settings.encoding != "UTF8":
        raise CannotDistribute(f"The database is encoded in {settings.encoding}; it has to be UTF8.")
    known = set(connection.execute(_DISTRIBUTED).scalars())
    remaining = [table for table in TABLES if table not in known]
    if remaining:
        _refuse_if_a_service_runs(connection)
    used = [role for role in roles if connection.execute(_ROLE_EXISTS, {"role": role}).scalar_one()]
    return Plan(shards, workers, remaining, used)


def is_folded(connection: Connection) -> bool:
    """Return whether facts are made of everything that is in the journal."""
    return not connection.execute(_UNFOLDED).scalar_one()


def distribute(connection: Connection, to_do: Plan) -> Iterator[str]:
    """Do it in the caller's transaction, and yield what was done, step by step."""
    # Triggers note whose members change, and keep events from being rewritten. They use only rows of their own shard.
    execute_verbatim(connection, "SET LOCAL citus.enable_unsafe_triggers = on")
    execute_verbatim(connection, "SET LOCAL client_min_messages = warning")
    # Workers refuse it after the tables are distributed in the same transaction.
    replace_functions(connection)
    yield "functions that delete and erase facts: replaced by those for shards."
    if "session_groups" in to_do.tables:
        if not is_folded(connection):
            raise CannotDistribute("Something was appended meanwhile. Stop the tracking services, and try again.")
        _renumber_groups(connection, Grouping(to_do.shards))
    if to_do.tables:
        execute_verbatim(connection, f"LOCK TABLE {', '.join(to_do.tables)} IN ACCESS EXCLUSIVE MODE")
        with rows_moved(connection, to_do.tables):
            for table in to_do.tables:
                where = f"shard_count => {to_do.shards}" if table == _FIRST else f"colocate_with => '{_FIRST}'"
                execute_verbatim(connection, f"SELECT create_distributed_table('{table}', '{TABLES[table]}', {where})")
                yield f"{table}: distributed by {TABLES[table]}."
        yield "rows: all are in the shards, and none is left on the coordinator."
    for role in to_do.roles:
        execute_verbatim(connection, f'ALTER ROLE "{role}" LOGIN')
        yield f"role {role}: may log in, as Citus does on workers. Let pg_hba.conf admit it from the coordinator alone."


def configure_workers(connection: Connection, role: str) -> None:
    """Set for the service's role on all workers what its own connections to the coordinator have.

    In a transaction of its own: workers do it in others, which would wait for that of `distribute`.
    """
    database = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
    change = f'ALTER ROLE "{role}" IN DATABASE {database} SET'
    settings = "; ".join(f"{change} {name} = '{value}'" for name, value in _SETTINGS_ON_WORKERS.items())
    # Else each worker would pass it on to the others, and all would wait for each other.
    statement = f"""DO $do$ BEGIN
    PERFORM set_config('citus.enable_alter_role_set_propagation', 'off', true); {settings};
    END $do$"""
    for worker, is_done, result in connection.execute(_ON_WORKERS, {"statement": statement}):
        if not is_done:
            raise CannotDistribute(f"{worker} refused the settings of {role}: {result}")


def _renumber_groups(connection: Connection, grouping: Grouping) -> None:
    anchors = ", ".join(f"({grouping.anchor(group)})" for group in ALL_GROUPS)
    for statement in (
        "LOCK TABLE whiteboard_sessions, session_groups, journal_writers IN EXCLUSIVE MODE",
        _RENUMBER,
        "DELETE FROM session_groups",
        "ALTER TABLE session_groups ALTER COLUMN session_group TYPE INTEGER",
        f"""INSERT INTO session_groups SELECT anchor, positions, folded_at
        FROM folded, (VALUES {anchors}) AS _ (anchor)""",  # noqa: S608 - numbers
    ):
        execute_verbatim(connection, statement)


def _refuse_if_a_service_runs(connection: Connection) -> None:
    connections = connection.execute(_CONNECTED_SERVICES).scalar_one()
    if connections:
        raise CannotDistribute(
            f"A tracking service has {connections} connections to this database. Stop the tracking services first; "
            "relays and presence sockets may run on, and deliver afterwards."
        )
