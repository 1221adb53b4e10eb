"""Verify the ledger: that no row was changed, deleted, or added past its chain, and no chain rewritten.

Personal fields may have been erased, if their entries say so; it prints how many.

It reads only, and may run while the service does. The hash of a checkpoint, which the service logs each day, proves
that nothing before it was rewritten, if it is kept where nobody who can write to the database can change it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from attendance_service.domain.ledger_chain import checkpoint_findings, erased_fields, session_findings
from attendance_service.migrations.history import HISTORY
from attendance_service.store.ledger_verification import checkpoints, count_sessions, session_ledgers
from servicekit.database.engine import Database
from servicekit.database.migration.history import DatabaseNotMigrated, require_migrated
from servicekit.database.url import DatabaseUrl
from servicekit.errors import StorageUnavailable
from servicekit.settings import EnvironmentSettings, load

_INTACT, _TAMPERED, _NOT_VERIFIED = 0, 1, 2
#: A batch of a large ledger, on a database that does other work, takes longer than callers of the service wait.
_STATEMENT_TIMEOUT = "120s"


class VerificationSettings(EnvironmentSettings):
    """Settings of this command."""

    #: The service's login, or another that may read its tables: postgresql://user:password@host:5432/database.
    database_url: DatabaseUrl
    #: Database role to switch to after login; `none`: stay the login role.
    attendance_database_role: str = "attendance_service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What was verified, and what is wrong."""

    #: Empty: the ledger is as it was written.
    findings: list[str]
    checkpoints: int
    #: The hash to be kept elsewhere; empty: there is no checkpoint yet.
    newest_checkpoint: str
    newest_checkpoint_day: date | None
    #: Sessions with a ledger, and the rows of these.
    sessions: int
    entries: int
    #: Personal fields that were erased; what they were can't be verified.
    erased_fields: int

    def lines(self) -> Iterator[str]:
        """Return all of it in sentences; the last one is the result."""
        if self.newest_checkpoint:
            newest = f"the newest, of {self.newest_checkpoint_day}: {self.newest_checkpoint}"
            yield f"Checkpoints: {self.checkpoints}; {newest}"
        yield f"Entries: {self.entries}, of {self.sessions} sessions with a ledger."
        if self.erased_fields:
            yield f"Erased: {self.erased_fields} personal fields; what they were can't be verified, all else was."
        yield from self.findings
        yield f"{len(self.findings)} faults found." if self.findings else "The ledger is as it was written."


def main() -> None:
    """Verify, print what was found, and end with a status that says how it went."""
    found = verified(_arguments().checkpoint, progress=_show_progress)
    sys.stdout.writelines(f"{line}\n" for line in found.lines())
    sys.exit(_TAMPERED if found.findings else _INTACT)


def verified(kept: Sequence[str], *, progress: Callable[[int, int], None]) -> Verification:
    """Verify, or say what is in the way and end the process with status 2.

    `kept` are hashes of checkpoints that were kept elsewhere; `progress` gets how many sessions of how many are read.
    """
    settings = load(VerificationSettings)
    database = Database(
        settings.database_url.get_secret_value(),
        role=settings.attendance_database_role,
        application="ledger verification",
        pool_size=1,
        parameters={"statement_timeout": _STATEMENT_TIMEOUT},
    )
    try:
        asyncio.run(require_migrated(database, HISTORY))
        return _verified(database, kept, progress)
    except (DatabaseNotMigrated, StorageUnavailable) as error:
        sys.stderr.write(f"The ledger was not verified. {error}\n")
        sys.exit(_NOT_VERIFIED)
    finally:
        database.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m attendance_service.verify",
        description=__doc__,
        epilog="Settings come from the environment: DATABASE_URL and ATTENDANCE_DATABASE_ROLE. "
        "Exit status: 0 intact, 1 something was found, 2 not verified.",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="HASH",
        action="append",
        default=[],
        help="a checkpoint's hash that was kept elsewhere, as the service logged it; may be repeated",
    )
    return parser.parse_args()


def _verified(database: Database, kept: Sequence[str], progress: Callable[[int, int], None]) -> Verification:
    known = list(checkpoints(database))
    hashes = {checkpoint.hash.hex() for checkpoint in known}
    findings = [
        *checkpoint_findings(known),
        *(f"checkpoint {hash_}: there is none with this hash" for hash_ in kept if hash_.lower() not in hashes),
    ]
    total, read, sessions, entries, erased = count_sessions(database), 0, 0, 0, 0
    for batch in session_ledgers(database):
        read += batch.sessions
        erased += erased_fields(batch.ledgers)
        sessions += len(batch.ledgers)
        entries += sum(len(ledger.entries) for ledger in batch.ledgers)
        findings += [finding for ledger in batch.ledgers for finding in session_findings(ledger)]
        progress(read, total)
    newest = known[-1] if known else None
    return Verification(
        findings=findings,
        checkpoints=len(known),
        newest_checkpoint="" if newest is None else newest.hash.hex(),
        newest_checkpoint_day=None if newest is None else newest.day,
        sessions=sessions,
        entries=entries,
        erased_fields=erased,
    )


def _show_progress(read: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{read} of {total} sessions" if read < total else "\r\x1b[K")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
