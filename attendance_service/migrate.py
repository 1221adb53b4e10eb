"""Bring the attendance tables up to date; an existing sessions table is adopted. Migrate the tracking tables first."""

from __future__ import annotations

from attendance_service.migrations.history import HISTORY
from servicekit.database.migration import command
from servicekit.database.migration.roles import ServiceRole
from servicekit.settings import load


class AttendanceMigrationSettings(command.MigrationSettings):
    """Settings of this history."""

    #: Database role of the service, created if it is missing. `none`: the login itself.
    attendance_database_role: str = "attendance_service"


def main() -> None:
    """Migrate and print what was done; print the reasons and exit with status 1 if nothing could be done."""
    command.parse_arguments(HISTORY, __doc__ or "")
    settings = load(AttendanceMigrationSettings)
    role = ServiceRole(name=settings.attendance_database_role, setting="ATTENDANCE_DATABASE_ROLE")
    command.run(HISTORY, settings, role)


if __name__ == "__main__":
    main()
