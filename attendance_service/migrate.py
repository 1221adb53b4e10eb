"""Bring the attendance tables to their newest shape; an existing sessions table is adopted. Tracking's come first."""

from __future__ import annotations

from attendance_service.migrations.history import HISTORY
from servicekit.database.migration import command
from servicekit.database.migration.roles import ServiceRole
from servicekit.settings import load


class AttendanceMigrationSettings(command.MigrationSettings):
    """Settings of this history."""

    #: Database role that the service acts as; it is made where it is missing. `none`: the login itself.
    attendance_database_role: str = "attendance_service"


def main() -> None:
    """Migrate, tell what was done; exit status 1 and the reasons if nothing could be done."""
    command.parse_arguments(HISTORY, __doc__ or "")
    settings = load(AttendanceMigrationSettings)
    role = ServiceRole(name=settings.attendance_database_role, setting="ATTENDANCE_DATABASE_ROLE")
    command.run(HISTORY, settings, role)


if __name__ == "__main__":
    main()
