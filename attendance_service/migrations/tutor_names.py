"""The index by which reports find tutors' names, as revision 0003 makes it."""

from __future__ import annotations

from servicekit.database.migration.wanted import WantedIndex, WantedTable

#: What is wanted of the table beyond the first revision.
TUTOR_PROFILES = WantedTable(
    name="tutor_profiles",
    columns=(),
    indexes=(WantedIndex(columns=("user_id",), purpose="the names in the report on whiteboard engagement"),),
)
