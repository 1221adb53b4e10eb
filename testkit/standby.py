"""A physical standby of an embedded PostgreSQL: a copy that follows it, and can take its place."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from development.orphan_cleanup import cleaned_up_if_killed
from development.postgres import SOCKET_NAME, SUPERUSER, EmbeddedPostgres
from testkit.postgres import execute, memory, query

#: As synchronous_standby_names knows it.
NAME: Final = "standby"
_TRAVERSABLE: Final = 0o755


@contextmanager
def standby_of(primary: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    """Start a synchronous standby: from now on the primary acknowledges no commit that the standby has not got."""
    directory = Path(tempfile.mkdtemp(prefix="astegni-standby-", dir=memory()))
    directory.chmod(_TRAVERSABLE)
    try:
        with cleaned_up_if_killed(directory):
            data = directory / "data"
            _copy(primary, data)
            with EmbeddedPostgres(data) as standby:
                execute(
                    primary.url(), f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'", "SELECT pg_reload_conf()"
                )
                yield standby
    finally:
        shutil.rmtree(directory)


def is_synchronous(primary: EmbeddedPostgres) -> bool:
    """Return whether commits wait for the standby."""
    return query(primary.url(), "SELECT sync_state FROM pg_stat_replication") == [("sync",)]


def promote(standby: EmbeddedPostgres) -> None:
    """Let it take writes; return when it does."""
    execute(standby.url(), "SELECT pg_promote()")


def url_of_both(*servers: EmbeddedPostgres, database: str) -> str:
    """Return a URL that leads to whichever of them takes writes."""
    hosts = ",".join(map(socket_directory, servers))
    return f"postgresql://{SUPERUSER}@/{database}?host={hosts}&target_session_attrs=read-write"


def socket_directory(server: EmbeddedPostgres) -> str:
    """Return where a server listens."""
    return server.url().rpartition("host=")[2].replace("%2F", "/")


def _copy(primary: EmbeddedPostgres, data: Path) -> None:
    """Run pg_basebackup as the user of the server, who has to own the data."""
    user = Path(str(query(primary.url(), "SHOW data_directory")[0][0])).owner()
    data.mkdir(mode=0o700)
    shutil.chown(data, user)
    source = f"host={socket_directory(primary)} user={SUPERUSER} application_name={NAME}"
    # -R writes where to follow; a fast checkpoint, because nobody works with the server yet.
    options = ["-R", "-X", "stream", "-c", "fast", "--no-sync"]
    command = [primary.program("pg_basebackup"), "-d", source, "-D", str(data), *options]
    subprocess.run(command, user=user, cwd="/", check=True, stderr=subprocess.DEVNULL)
    # The embedded server has its socket in its data, and the lock of the socket was copied.
    (data / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
