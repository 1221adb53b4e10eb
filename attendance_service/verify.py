"""Verify the ledger: that no row was changed, deleted, or added past its chain, and no chain rewritten.

Personal fields may have been erased, if their entries say so; it prints how many.

It reads only, and may run while the service does. The hash of a checkpoint, which the service logs each day, proves
that nothing before it was rewritten, if it is kept where nobody who can write to the database can change it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence

from pydantic import SecretStr

from attendance_service.domain.ledger_chain import checkpoint_findings, erased_fields, session_findings
from attendance_service.migrations.history import HISTORY
from attendance_service.store.ledger_verification import checkpoints, count_sessions, session_ledgers
from servicekit.database.engine import Database
from servicekit.database.migration.history import DatabaseNotMigrated, require_migrated
from servicekit.errors import StorageUnavailable
from servicekit.settings import EnvironmentSettings, load

_INTACT, _TAMPERED, _NOT_VERIFIED = 0, 1, 2
#: A batch of a large ledger, on a database that does other work, takes longer than callers of the service wait.
_STATEMENT_TIMEOUT = "120s"


class VerificationSettings(EnvironmentSettings):
    """Settings of this command."""

    #: The service's login, or another that may read its tables: postgresql://user:password@host:5432/database.
    database_url: SecretStr
    #: Database role to switch to after login; `none`: stay the login role.
    attendance_database_role: str = "attendance_service"


def main() -> None:
    """Verify, print what was found, and end with a status that says how it went."""
    arguments = _arguments()
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
        findings = [*_checkpoint_findings(database, arguments.checkpoint), *_ledger_findings(database)]
    except (DatabaseNotMigrated, StorageUnavailable) as error:
        sys.stderr.write(f"The ledger was not verified. {error}\n")
        sys.exit(_NOT_VERIFIED)
    finally:
        database.dispose()
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    sys.stdout.write(f"{len(findings)} faults found.\n" if findings else "The ledger is as it was written.\n")
    sys.exit(_TAMPERED if findings else _INTACT)


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


def _checkpoint_findings(database: Database, kept: Sequence[str]) -> Iterator[str]:
    """Return what is wrong with the checkpoints themselves; print the newest one's hash, to be kept."""
    known = list(checkpoints(database))
    yield from checkpoint_findings(known)
    hashes = {checkpoint.hash.hex() for checkpoint in known}
    yield from (f"checkpoint {hash_}: there is none with this hash" for hash_ in kept if hash_.lower() not in hashes)
    if known:
        sys.stdout.write(f"Checkpoints: {len(known)}; the newest, of {known[-1].day}: {known[-1].hash.hex()}\n")


def _ledger_findings(database: Database) -> Iterator[str]:
    """Return what is wrong with the ledgers; print the progress and how much was verified."""
    total, read, verified, entries, erased = count_sessions(database), 0, 0, 0, 0
    for batch in session_ledgers(database):
        read += batch.sessions
        erased += erased_fields(batch.ledgers)
        for ledger in batch.ledgers:
            yield from session_findings(ledger)
            verified += 1
            entries += len(ledger.entries)
        _show_progress(f"{read} of {total} sessions")
    _show_progress("")
    sys.stdout.write(f"Entries: {entries}, of {verified} sessions with a ledger.\n")
    if erased:
        sys.stdout.write(f"Erased: {erased} personal fields; what they were can't be verified, all else was.\n")


def _show_progress(progress: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{progress}")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
