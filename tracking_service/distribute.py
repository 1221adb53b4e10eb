"""Distribute the tables of facts among the workers of a Citus cluster: docs/several-databases.md.

On trial: that document says what does not work yet on several servers. It can't be undone by this command. Without
--yes it says what it would do, and changes nothing. The tracking services have to be stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from servicekit.clock import seconds
from servicekit.database.clock import DatabaseClock
from servicekit.database.engine import Database
from servicekit.database.migration.roles import NO_ROLE
from servicekit.database.url import DatabaseUrl, sqlalchemy_url
from servicekit.settings import EnvironmentSettings, load
from tracking_service.folding.fold import Folder
from tracking_service.migrations.distributing import CannotDistribute, Plan, configure_workers, distribute, plan
from tracking_service.migrations.moving_rows import vacuum
from tracking_service.store.sql import CHANGES_NO_MEMBERS, FIND_ROWS_BY_KEY

#: Two for each of two workers, and room for twice as many. What a fold costs grows with them.
DEFAULT_SHARDS: Final = 8
#: The exit status if not everything is done.
NOT_DONE: Final = 1


class DistributionSettings(EnvironmentSettings):
    """Settings of this command."""

    #: A superuser's login: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Roles that read or write tables of facts; `none`: that one is not used.
    tracking_database_role: str = "tracking_service"
    attendance_database_role: str = "attendance_service"
    tracking_erasure_role: str = "tracking_erasure"
    attendance_erasure_role: str = "attendance_erasure"
    #: As the services have it: facts are made of what is in the journal, before it is divided anew.
    presence_timeout_seconds: float = 75

    @property
    def roles(self) -> list[str]:
        """The roles that are used."""
        named = (
            self.tracking_database_role,
            self.attendance_database_role,
            self.tracking_erasure_role,
            self.attendance_erasure_role,
        )
        return [role for role in named if role not in {"", NO_ROLE}]


def main() -> None:
    """Print what is to be done, and do it with --yes; or end with a status that says why not."""
    parser = argparse.ArgumentParser(
        prog="python -m tracking_service.distribute",
        description=__doc__,
        epilog="Settings come from the environment: DATABASE_URL, PRESENCE_TIMEOUT_SECONDS and the roles' names. "
        "Exit status: 0 done or nothing to do, 1 not done (run it again once the cause is gone), 2 wrong settings.",
    )
    parser.add_argument("--shards", type=int, default=DEFAULT_SHARDS, help="a power of two (%(default)s)")
    parser.add_argument("--yes", action="store_true", help="do it")
    arguments = parser.parse_args()
    to_do = planned(arguments.shards)
    sys.stdout.writelines(f"{line}\n" for line in said(to_do))
    if arguments.yes:
        sys.stdout.writelines(f"{note}\n" for note in distributed(to_do))


def planned(shards: int) -> Plan:
    """Return what is to be done; or say what is in the way, and end the process."""
    settings = load(DistributionSettings)
    with _reported(), _engine(settings).connect() as connection:
        return plan(connection, shards=shards, roles=settings.roles)


def distributed(to_do: Plan) -> list[str]:
    """Do it and return what was done, in sentences; or say what is in the way, and end the process."""
    settings = load(DistributionSettings)
    engine = _engine(settings)
    with _reported():
        if to_do.tables:
            _fold(settings.database_url.get_secret_value(), timeout=seconds(settings.presence_timeout_seconds))
        with engine.begin() as connection:
            done = list(distribute(connection, to_do))
        with engine.begin() as connection:
            if settings.tracking_database_role in to_do.roles:
                configure_workers(connection, settings.tracking_database_role)
        if to_do.tables:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                vacuum(connection, to_do.tables)
    return done


def said(to_do: Plan) -> list[str]:
    """Return what is to be done, in sentences."""
    tables = "All tables of facts are distributed already."
    if to_do.tables:
        tables = (
            f"To be distributed in {to_do.shards} shards among {', '.join(to_do.workers)}: {', '.join(to_do.tables)}. "
            "Everything in the journal is folded before."
        )
    return [tables, f"Roles that have to log in on the workers: {', '.join(to_do.roles)}."]


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except (CannotDistribute, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        sys.stderr.write(f"Not done. {cause}\n")
        sys.exit(NOT_DONE)


def _engine(settings: DistributionSettings) -> Engine:
    return create_engine(sqlalchemy_url(settings.database_url.get_secret_value()), poolclass=NullPool)


def _fold(url: str, *, timeout: int) -> None:
    """Make facts of everything that is in the journal."""
    settings = {**FIND_ROWS_BY_KEY, **CHANGES_NO_MEMBERS}
    database = Database(url, role="", application="distribute", pool_size=1, parameters=settings)
    clock = DatabaseClock(database)
    clock.measure()
    Folder(database, clock, timeout=timeout).fold(skip_locked=False)
    database.dispose()


if __name__ == "__main__":
    main()
