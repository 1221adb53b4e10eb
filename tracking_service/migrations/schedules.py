"""The index by which reports find the sessions of some days, as revision 0003 makes it."""

from __future__ import annotations

from servicekit.database.migration.wanted import WantedIndex, WantedTable

#: What is wanted of the table beyond the first revision. Heartbeats change neither column.
SCHEDULED_SESSIONS = WantedTable(
    name="whiteboard_sessions",
    columns=(),
    indexes=(
        WantedIndex(columns=("tutor_id", "scheduled_start"), purpose="the report on whiteboard engagement by days"),
    ),
)
