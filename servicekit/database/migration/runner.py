"""Moves a history to its newest revision, and its role to its privileges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Change
from servicekit.database.migration.errors import CannotAdopt, MigrationFailed, Problem
from servicekit.database.migration.revisions import Revisions
from servicekit.database.migration.roles import Grant, ServiceRole, ensure_role, grant_all, role_problems
from servicekit.database.migration.statements import execute_verbatim
from servicekit.database.migration.transaction import migration_transaction

_ATTRIBUTE = "migration"


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """A service's line of revisions."""

    revisions: Revisions
    #: Where env.py is; the revisions are in its folder `versions`.
    directory: Path
    #: What keeps a database in which this history has not begun from being adopted; empty: nothing.
    judge: Callable[[Connection], tuple[Problem, ...]]
    #: What the service's role may do.
    grants: tuple[Grant, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One run of a history, as its revisions see it."""

    connection: Connection
    version_table: str
    #: What was done, told once it is committed.
    notes: list[str] = field(default_factory=list)

    def apply(self, *changes: Change) -> None:
        """Make the changes and note them."""
        for change in changes:
            execute_verbatim(self.connection, change.statement)
            self.notes.append(change.told)


def current_migration() -> Migration:
    """Return the run that the calling revision or env.py belongs to."""
    config = op.get_context().config
    if config is None:
        raise RuntimeError("revisions run through servicekit.database.migration.runner")
    return migration_of(config)


def migration_of(config: Config) -> Migration:
    """Return the run that Alembic was configured for."""
    return cast(Migration, config.attributes[_ATTRIBUTE])


def upgrade(history: History, *, url: str, role: ServiceRole, lock_timeout_seconds: float) -> tuple[str, ...]:
    """Bring the database to the newest revision and return what was done.

    Everything happens in one transaction: MigrationFailed (or CannotAdopt) means that nothing was changed.
    One call at a time in a process, for Alembic keeps its state in modules; processes wait for each other.
    """
    revisions = history.revisions
    application = f"{revisions.service} migration"
    with migration_transaction(url, application=application, lock_timeout_seconds=lock_timeout_seconds) as connection:
        migration = Migration(connection=connection, version_table=revisions.version_table)
        _refuse(history, connection, role)
        _run_revisions(history, migration)
        if role.wanted:
            ensure_role(connection, role)
            version = Grant(table=revisions.version_table, privileges=("SELECT",))
            grant_all(connection, role, (*history.grants, version))
    return tuple(migration.notes)


def _refuse(history: History, connection: Connection, role: ServiceRole) -> None:
    """Raise CannotAdopt, with every problem, before anything is changed."""
    context = MigrationContext.configure(connection, opts={"version_table": history.revisions.version_table})
    begun = context.get_current_revision() is not None
    problems = (*(() if begun else history.judge(connection)), *role_problems(connection, role))
    if problems:
        raise CannotAdopt(problems)


def _run_revisions(history: History, migration: Migration) -> None:
    revisions = history.revisions
    config = Config()
    # Alembic interpolates with %, as configparser does.
    config.set_main_option("script_location", str(history.directory).replace("%", "%%"))
    config.attributes[_ATTRIBUTE] = migration
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationFailed(
            f"{revisions.version_table} names a revision that this version of {revisions.service} does not know: "
            f"install the newest version. ({error})"
        ) from error
