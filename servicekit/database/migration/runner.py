"""Migrates a database to a history's newest revision, and gives the service's roles their privileges."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import CannotAdopt
from servicekit.database.migration.history import History
from servicekit.database.migration.roles import (
    NO_SERVICE_ROLE,
    Grant,
    ServiceRole,
    ensure_role,
    grant_all,
    role_blockers,
)
from servicekit.database.migration.transaction import MigrationFailed, migration_transaction


def upgrade(
    history: History,
    *,
    url: str,
    role: ServiceRole,
    erasure_role: ServiceRole = NO_SERVICE_ROLE,
    lock_timeout_seconds: float,
) -> tuple[str, ...]:
    """Migrate the database to the newest revision and return what was done.

    Everything happens in one transaction: MigrationFailed (or CannotAdopt) means that nothing was changed.
    Run one at a time in a process, because Alembic keeps its state in modules; processes wait for each other.
    """
    application = f"{history.service} migration"
    with migration_transaction(url, application=application, lock_timeout_seconds=lock_timeout_seconds) as migration:
        connection = migration.connection
        _check_preconditions(history, connection, (role, erasure_role))
        _run_revisions(history)
        revision = _reading_the_revision(history)
        for used, grants, functions in (
            (role, history.grants, history.functions),
            (erasure_role, history.erasure_grants, history.erasure_functions),
        ):
            if used.is_used:
                ensure_role(connection, used)
                grant_all(connection, used, (*grants, revision), functions)
    return tuple(migration.notes)


def _check_preconditions(history: History, connection: Connection, roles: Iterable[ServiceRole]) -> None:
    """Raise CannotAdopt, with everything that is in the way, before anything is changed."""
    context = MigrationContext.configure(connection, opts={"version_table": history.version_table})
    has_begun = context.get_current_revision() is not None
    blockers = (
        *(() if has_begun else history.adoption_blockers(connection)),
        *(blocker for role in roles for blocker in role_blockers(connection, role)),
    )
    if blockers:
        raise CannotAdopt(blockers)


def _run_revisions(history: History) -> None:
    config = Config()
    options = {
        # All histories share the env.py of this folder.
        "script_location": str(Path(__file__).parent),
        "version_locations": str(history.directory),
        "path_separator": "newline",
        "version_table": history.version_table,
    }
    for name, value in options.items():
        # Alembic interpolates with %, as configparser does.
        config.set_main_option(name, value.replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationFailed(
            f"{history.version_table} names a revision that this version of {history.service} does not know: "
            f"install the newest version. ({error})"
        ) from error


def _reading_the_revision(history: History) -> Grant:
    # The service checks at its start that the database is migrated.
    return Grant(table=history.version_table, privileges=("SELECT",))
