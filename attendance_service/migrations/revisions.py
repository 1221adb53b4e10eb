"""The revisions of this service's tables."""

from __future__ import annotations

from pathlib import Path

from servicekit.database.migration.revisions import Revisions

REVISIONS = Revisions(
    service="attendance_service",
    directory=Path(__file__).parent / "versions",
    version_table="attendance_alembic_version",
)
