"""The commands about one person and about the ledger, as processes and, which is quicker, in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attendance_service.domain.ledger_chain import SessionLedger, session_findings
from attendance_service.store.erasure import erase as erase_from_attendance
from attendance_service.store.ledger_verification import session_ledgers
from attendance_service.store.personal_data import export as export_from_attendance
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tracking_service.store.personal_data import erase as erase_from_tracking
from tracking_service.store.personal_data import export as export_from_tracking
from tracking_service.store.personal_data import sessions_of


def run(module: str, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )


def erase_in_process(url: str, user_id: int) -> None:
    """Do what `make erase` does."""
    with acting_as("attendance_erasure", url) as database, database.transaction() as connection:
        erase_from_attendance(connection, UserId(user_id))
    with acting_as("tracking_erasure", url) as database, database.transaction() as connection:
        user = UserId(user_id)
        erase_from_tracking(connection, user, sessions_of(connection, user))


def export_in_process(url: str, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Do what `make export` does, as the roles for erasures, and return the rows of both services by table."""
    with acting_as("tracking_erasure", url) as database, database.transaction() as connection:
        facts = export_from_tracking(connection, UserId(user_id))
    with acting_as("attendance_erasure", url) as database, database.transaction() as connection:
        return {**facts, **export_from_attendance(connection, UserId(user_id))}


def ledgers(url: str) -> list[SessionLedger]:
    """Return all ledgers, as `make verify` reads them."""
    with acting_as("attendance_service", url) as database:
        return [ledger for batch in session_ledgers(database) for ledger in batch.ledgers]


def findings(url: str) -> list[str]:
    """Return what `make verify` finds in them."""
    return [finding for ledger in ledgers(url) for finding in session_findings(ledger)]


@contextmanager
def acting_as(role: str, url: str) -> Iterator[Database]:
    database = Database(url, role=role, application="test", pool_size=2)
    try:
        yield database
    finally:
        database.dispose()
