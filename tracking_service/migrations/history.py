"""The history of this service's tables, and what its database role may do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Blocker, adoption_blockers, read_tables
from servicekit.database.migration.history import History
from servicekit.database.migration.roles import Grant
from servicekit.personal_data.columns import Names
from tracking_service.domain.personal_data import COLUMNS
from tracking_service.migrations.versions import (
    r0001_documented_tables,
    r0002_observation,
    r0004_expired_relay_streams,
    r0005_relay_clock_offsets,
    r0006_relay_coverage,
    r0008_retention,
    r0009_erasure,
    r0010_journal,
    r0011_erasure_by_session,
)
from tracking_service.migrations.whiteboard_sessions import TRACKING_COLUMNS, WHITEBOARD_SESSIONS

#: Every name that this history takes.
_NEW_RELATIONS = (
    *r0001_documented_tables.NEW_RELATIONS,
    *r0002_observation.NEW_RELATIONS,
    *r0004_expired_relay_streams.NEW_RELATIONS,
    *r0005_relay_clock_offsets.NEW_RELATIONS,
    *r0006_relay_coverage.NEW_RELATIONS,
    *r0008_retention.NEW_RELATIONS,
    *r0009_erasure.NEW_RELATIONS,
    *r0010_journal.NEW_RELATIONS,
)

#: The fewest privileges that suffice: the platform's columns are only read, and raw events can't be rewritten.
GRANTS = (
    Grant(table="whiteboard_sessions", privileges=("SELECT",)),
    Grant(table="whiteboard_sessions", privileges=("UPDATE",), columns=TRACKING_COLUMNS),
    Grant(table="presence_intervals", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="connection_events", privileges=("SELECT", "INSERT")),
    Grant(table="activity_periods", privileges=("SELECT", "INSERT", "UPDATE")),
    Grant(table="heartbeat_streams", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="observation_coverage", privileges=("SELECT", "INSERT", "UPDATE")),
    Grant(table="relay_observation_gaps", privileges=("SELECT", "INSERT")),
    Grant(table="expired_relay_streams", privileges=("SELECT", "INSERT")),
    Grant(table="relay_clock_offsets", privileges=("SELECT", "INSERT")),
    Grant(table="relay_coverage", privileges=("SELECT", "INSERT", "UPDATE")),
    Grant(table="relay_sessions", privileges=("SELECT", "INSERT")),
    Grant(table="journal_writers", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="presence_journal", privileges=("SELECT", "INSERT")),
    Grant(table="session_groups", privileges=("SELECT", "UPDATE")),
    Grant(table="membership_changes", privileges=("SELECT", "DELETE")),
    Grant(table="deleted_facts", privileges=("SELECT",)),
    Grant(table="tracking_retention_walks", privileges=("SELECT", "INSERT", "UPDATE")),
)
#: They delete only what is older than 30 days, and from the journal only what is folded.
FUNCTIONS = (
    "delete_old_facts(INTEGER[], TIMESTAMPTZ, BOOLEAN)",
    "delete_old_coverage(TIMESTAMPTZ, INTEGER)",
    r0010_journal.EMPTY_JOURNAL_SIGNATURE,
)
#: Reads what it exports, and how far the journal is folded, and writes nothing but by erasing.
ERASURE_GRANTS = tuple(
    Grant(table=table, privileges=("SELECT",))
    for table, columns in COLUMNS.items()
    if set(columns.values()) != {Names.NOBODY} or table in {"journal_writers", "session_groups"}
)


def _adoption_blockers(connection: Connection) -> tuple[Blocker, ...]:
    existing = read_tables(connection, (WHITEBOARD_SESSIONS,))
    whiteboard_sessions = existing.get(WHITEBOARD_SESSIONS.name)
    return (
        *adoption_blockers(connection, (WHITEBOARD_SESSIONS,), existing, _NEW_RELATIONS),
        *(r0001_documented_tables.removal_blockers(whiteboard_sessions) if whiteboard_sessions is not None else ()),
    )


HISTORY = History(
    service="tracking_service",
    directory=Path(__file__).parent / "versions",
    version_table="tracking_alembic_version",
    adoption_blockers=_adoption_blockers,
    grants=GRANTS,
    functions=FUNCTIONS,
    erasure_grants=ERASURE_GRANTS,
    erasure_functions=(r0011_erasure_by_session.ERASE_USER_SIGNATURE,),
)
