"""A service's revisions, and the check that a database is at the newest one.

Services import this at their start, so it must not import Alembic, which takes half a second.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from servicekit.database.engine import Database
from servicekit.database.migration.adoption import Blocker
from servicekit.database.migration.roles import Grant

_log = logging.getLogger(__name__)

#: A revision's file is named after its id: r0001_documented_tables.py holds revision 0001.
_REVISION_FILE = re.compile(r"r(\d{4})_\w+\.py")
#: SQLSTATE codes that PostgreSQL answers with where a migration is missing: no version table, no privilege to read it
#: or to act as the service's role, and no such role.
_NOT_MIGRATED_CODES = frozenset({"42P01", "42501", "22023"})


class DatabaseNotMigrated(Exception):
    """The database lacks what this version of the service needs; the message names the command to run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """A service's revisions, and what they need and grant."""

    #: The Python package of the service.
    service: str
    #: Folder of the revision files.
    directory: Path
    #: Alembic's table; it holds the id of the revision that the database is at.
    version_table: str
    #: Returns what keeps a database from being adopted in which this history has not begun.
    adoption_blockers: Callable[[Connection], tuple[Blocker, ...]]
    #: What the service's role may do.
    grants: tuple[Grant, ...]
    #: Functions that the service's role may call, with the types of their parameters.
    functions: tuple[str, ...] = ()
    #: The same of the role that exports and erases people.
    erasure_grants: tuple[Grant, ...] = ()
    erasure_functions: tuple[str, ...] = ()

    @property
    def newest_revision(self) -> str:
        """The id of the newest revision. Ids have four digits, so they sort as text."""
        files = (_REVISION_FILE.fullmatch(path.name) for path in self.directory.iterdir())
        return max(file[1] for file in files if file)


async def require_migrated(database: Database, history: History) -> None:
    """Check that the database is at the newest revision; a later one is accepted and logged.

    A later revision belongs to a newer version of the service, which is being rolled out beside this one.

    Raises:
        DatabaseNotMigrated: the database is at an earlier revision or at none.
        StorageUnavailable: the database can't be reached.
    """
    current, cause = await asyncio.to_thread(current_revision, database, history.version_table)
    newest = history.newest_revision
    if current is None or current < newest:
        state = f"at revision {current}" if current else f"not migrated yet{cause}"
        raise DatabaseNotMigrated(
            f"The database is {state}, but {history.service} needs revision {newest}. "
            f"Run `python -m {history.service}.migrate` (or `make migrate`) and start the service again."
        )
    if current > newest:
        _log.warning(
            "the database is at a later revision than this version knows", extra={"current": current, "newest": newest}
        )


def current_revision(database: Database, version_table: str) -> tuple[str | None, str]:
    """Return the revision that the database is at, or None and the cause in parentheses where PostgreSQL gave one."""
    try:
        with database.transaction() as connection:
            return connection.execute(text(f"SELECT max(version_num) FROM {version_table}")).scalar(), ""  # noqa: S608 - a constant of ours
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) in _NOT_MIGRATED_CODES:
            return None, f" ({str(error.orig).splitlines()[0]})"
        raise
