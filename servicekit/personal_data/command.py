"""What the commands about one person have in common: arguments, database, and how they end."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from servicekit.database.engine import Database
from servicekit.database.migration.history import DatabaseNotMigrated, History, require_migrated
from servicekit.errors import StorageUnavailable
from servicekit.identifiers import UserId

_ResultT = TypeVar("_ResultT")

NOT_DONE = 2
#: A part is done. It is EX_TEMPFAIL of sysexits.h, by which schedulers know that it is worth another try.
RUN_AGAIN = 75
#: Some of what a person is named in can be found only by reading a whole table.
_STATEMENT_TIMEOUT = "900s"
#: users.id is an INTEGER.
_MAX_USER_ID = 2**31 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalCommand:
    """A command of one service about one person."""

    history: History
    #: What it does in a word, such as `export`.
    verb: str
    #: Login URL, and the role to act as.
    url: str
    role: str

    def run(self, work: Callable[[Connection], _ResultT]) -> _ResultT:
        """Do the work in one transaction; or say what is in the way, and end the process."""

        def in_transaction(database: Database) -> _ResultT:
            with database.transaction() as connection:
                return work(connection)

        return self.run_in_steps(in_transaction)

    def run_in_steps(self, work: Callable[[Database], _ResultT]) -> _ResultT:
        """Do the work, one transaction after the other; or say what is in the way, and end the process.

        The work says itself what is in the way once something was done.
        """
        database = Database(
            self.url,
            role=self.role,
            application=f"{self.history.service} {self.verb}",
            pool_size=1,
            parameters={"statement_timeout": _STATEMENT_TIMEOUT},
        )
        try:
            asyncio.run(require_migrated(database, self.history))
            return work(database)
        except (DatabaseNotMigrated, StorageUnavailable) as error:
            # Which server it is says PostgreSQL alone.
            cause = f" ({str(error.__cause__.orig).strip()})" if isinstance(error.__cause__, DBAPIError) else ""
            sys.stderr.write(f"Nothing was done. {error}{cause}\n")
            sys.exit(NOT_DONE)
        finally:
            database.dispose()


def user_argument(prog: str, description: str, epilog: str) -> UserId:
    """Return the users.id that was asked for; the command takes nothing else."""
    parser = argparse.ArgumentParser(prog=prog, description=description, epilog=epilog)
    parser.add_argument("--user", type=_user_id, required=True, metavar="ID", help="the person's users.id")
    return UserId(parser.parse_args().user)


def _user_id(word: str) -> int:
    if not word.isascii() or not word.isdecimal() or not 0 < int(word) <= _MAX_USER_ID:
        raise argparse.ArgumentTypeError(f"{word!r} is not a users.id")
    return int(word)
