"""This history, and what the service's database role may do."""

from __future__ import annotations

from pathlib import Path

from servicekit.database.migration.roles import Grant
from servicekit.database.migration.runner import History
from tracking_service.migrations.judgement import judge
from tracking_service.migrations.revisions import REVISIONS
from tracking_service.migrations.whiteboard_sessions import TRACKING_COLUMNS

#: The least that works: the platform's columns are read only, and raw events can't be rewritten.
GRANTS = (
    Grant(table="whiteboard_sessions", privileges=("SELECT",)),
    Grant(table="whiteboard_sessions", privileges=("UPDATE",), columns=TRACKING_COLUMNS),
    Grant(table="presence_intervals", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="connection_events", privileges=("SELECT", "INSERT")),
    Grant(table="activity_periods", privileges=("SELECT", "INSERT", "UPDATE")),
    Grant(table="heartbeat_streams", privileges=("SELECT", "INSERT", "UPDATE", "DELETE")),
    Grant(table="observation_coverage", privileges=("SELECT", "INSERT", "UPDATE")),
    Grant(table="relay_observation_gaps", privileges=("SELECT", "INSERT")),
    Grant(table="forgotten_relay_streams", privileges=("SELECT", "INSERT")),
)

HISTORY = History(
    revisions=REVISIONS,
    directory=Path(__file__).parent,
    judge=judge,
    grants=GRANTS,
)
