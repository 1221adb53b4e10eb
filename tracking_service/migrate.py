"""Bring the tracking tables up to date; an existing whiteboard_sessions table is adopted."""

from __future__ import annotations

from pydantic import SecretStr

from servicekit.database.migration import command
from servicekit.database.migration.roles import ServiceRole
from servicekit.settings import load
from tracking_service.migrations.history import HISTORY


class TrackingMigrationSettings(command.MigrationSettings):
    """Settings of this history."""

    #: Database role of the service, created if it is missing. `none`: the login itself.
    tracking_database_role: str = "tracking_service"
    #: Password with which the service logs in as its role; empty: it has another login that may act as the role.
    tracking_database_password: SecretStr = SecretStr("")
    #: The same for the role that exports and erases people, at an operator's command.
    tracking_erasure_role: str = "tracking_erasure"
    tracking_erasure_password: SecretStr = SecretStr("")


def main() -> None:
    """Migrate and print what was done; print the reasons and exit with status 1 if nothing could be done."""
    command.parse_arguments(HISTORY, __doc__ or "")
    command.report(HISTORY, migrated())


def migrated() -> tuple[str, ...]:
    """Migrate and return what was done; on failure, exit with status 1 and report the reasons."""
    settings = load(TrackingMigrationSettings)
    role = ServiceRole(
        name=settings.tracking_database_role,
        setting="TRACKING_DATABASE_ROLE",
        password=settings.tracking_database_password.get_secret_value(),
    )
    erasure_role = ServiceRole(
        name=settings.tracking_erasure_role,
        setting="TRACKING_ERASURE_ROLE",
        password=settings.tracking_erasure_password.get_secret_value(),
    )
    return command.run(HISTORY, settings, role, erasure_role)


if __name__ == "__main__":
    main()
