"""The PostgreSQL server that is measured: a private one, durable, with what an operator would set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from development.postgres import EmbeddedPostgres
from testkit.postgres import execute, query, temporary_postgres

#: Everything else is PostgreSQL's default, fsync and synchronous_commit first of all; docs/operations.md recommends the
#: same.
SETTINGS = {
    # Room for the rows that change, in our own cache.
    "shared_buffers": "1GB",
    # A checkpoint for its time, not for the log's size: after each, every page is logged in full once.
    "max_wal_size": "16GB",
    "checkpoint_timeout": "15min",
    # Full pages are logged compressed.
    "wal_compression": "on",
}


@contextmanager
def measured_postgres() -> Iterator[EmbeddedPostgres]:
    """Run a server with these settings for the length of the block."""
    with temporary_postgres() as server:
        execute(server.url(), *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SETTINGS.items()))
        server.stop()
        server.start()
        yield server


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    """Return the parent of all of the server's processes."""
    [(directory,)] = query(server.url(), "SHOW data_directory")
    number, *_ = Path(str(directory), "postmaster.pid").read_text().splitlines()
    return psutil.Process(int(number))
