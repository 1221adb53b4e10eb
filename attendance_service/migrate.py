"""Migrate the attendance tables; an existing sessions table is adopted. Tracking's tables must be migrated first."""

from __future__ import annotations

from pydantic import SecretStr

from attendance_service.migrations.history import HISTORY
from servicekit.database.migration import command
from servicekit.database.migration.roles import ServiceRole
from servicekit.settings import load


class AttendanceMigrationSettings(command.MigrationSettings):
    """Settings of this history."""

    #: Database role of the service, created if it is missing. `none`: the login role itself.
    attendance_database_role: str = "attendance_service"
    #: Password with which the service logs in as its role; empty: it has another login that may act as the role.
    attendance_database_password: SecretStr = SecretStr("")
    #: The same for the role that exports and erases people, at an operator's command.
    attendance_erasure_role: str = "attendance_erasure"
    attendance_erasure_password: SecretStr = SecretStr("")


def main() -> None:
    """Migrate and report what was done; on failure, exit with status 1 and report the reasons."""
    command.parse_arguments(HISTORY, __doc__ or "")
    command.report(HISTORY, migrated())


def migrated() -> tuple[str, ...]:
    """Migrate and return what was done; on failure, exit with status 1 and report the reasons."""
    settings = load(AttendanceMigrationSettings)
    role = ServiceRole(
        name=settings.attendance_database_role,
        setting="ATTENDANCE_DATABASE_ROLE",
        password=settings.attendance_database_password.get_secret_value(),
    )
    erasure_role = ServiceRole(
        name=settings.attendance_erasure_role,
        setting="ATTENDANCE_ERASURE_ROLE",
        password=settings.attendance_erasure_password.get_secret_value(),
    )
    return command.run(HISTORY, settings, role, erasure_role)


if __name__ == "__main__":
    main()
