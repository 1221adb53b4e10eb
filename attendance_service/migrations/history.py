"""This history, and what the service's database role may do."""

from __future__ import annotations

from pathlib import Path

from attendance_service.migrations.judgement import judge
from attendance_service.migrations.platform_tables import PLATFORM_TABLES
from attendance_service.migrations.revisions import REVISIONS
from attendance_service.migrations.sessions import ATTENDANCE_COLUMNS
from servicekit.database.migration.roles import Grant
from servicekit.database.migration.runner import History

#: The least that works: of the platform's tables the columns that are read and no other (users hold passwords), of
#: sessions the documented fields, and neither decisions nor policies can be rewritten.
GRANTS = (
    *(
        Grant(table=table.name, privileges=("SELECT",), columns=tuple(column.name for column in table.columns))
        for table in PLATFORM_TABLES
    ),
    Grant(table="sessions", privileges=("SELECT",)),
    Grant(table="sessions", privileges=("UPDATE",), columns=ATTENDANCE_COLUMNS),
    Grant(table="attendance_decisions", privileges=("SELECT", "INSERT")),
    Grant(table="attendance_policies", privileges=("SELECT", "INSERT")),
)

HISTORY = History(
    revisions=REVISIONS,
    directory=Path(__file__).parent,
    judge=judge,
    grants=GRANTS,
)
