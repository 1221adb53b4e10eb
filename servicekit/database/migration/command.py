"""The command `python -m <service>.migrate`, the same for every service."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from servicekit.database.migration.history import History
from servicekit.database.migration.roles import ServiceRole
from servicekit.database.migration.runner import upgrade
from servicekit.database.migration.transaction import MigrationFailed
from servicekit.database.url import DatabaseUrl
from servicekit.settings import EnvironmentSettings

#: Long enough for a short transaction to end. Meanwhile every session that needs the table waits behind the migration.
DEFAULT_LOCK_TIMEOUT_SECONDS = 5.0
#: PostgreSQL takes a lock_timeout of zero as no limit.
MIN_LOCK_TIMEOUT_SECONDS = 0.001


class MigrationSettings(EnvironmentSettings):
    """Settings of every migration."""

    #: Login that owns the tables: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: How long a statement may wait for another session's lock, in seconds.
    migration_lock_timeout_seconds: Annotated[float, Field(ge=MIN_LOCK_TIMEOUT_SECONDS)] = DEFAULT_LOCK_TIMEOUT_SECONDS


def parse_arguments(history: History, description: str) -> None:
    """Answer --help; the command takes no other argument."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {history.service}.migrate",
        description=description,
        epilog="Settings come from the environment: DATABASE_URL, MIGRATION_LOCK_TIMEOUT_SECONDS and the role's name; "
        "each is explained in .env.example. Exit status: 0 done, 1 refused and nothing changed, 2 wrong settings.",
    )
    parser.parse_args()


def run(history: History, settings: MigrationSettings, role: ServiceRole, erasure_role: ServiceRole) -> tuple[str, ...]:
    """Migrate and return what was done, or end the process with the reason."""
    try:
        notes = upgrade(
            history,
            url=settings.database_url.get_secret_value(),
            role=role,
            erasure_role=erasure_role,
            lock_timeout_seconds=settings.migration_lock_timeout_seconds,
        )
    except MigrationFailed as failure:
        sys.exit(f"{history.service}: {failure}")
    return tuple(notes) or ("nothing to do, the database is up to date.",)


def report(history: History, notes: Iterable[str]) -> None:
    """Print what was done."""
    sys.stdout.writelines(f"{history.service}: {note}\n" for note in notes)
