"""Where cases run: a durable PostgreSQL, databases, services and load processes, started and ended on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import psutil

from benchmarks.child_process import ChildProcess
from benchmarks.load.messages import INSERT_SESSIONS, Ready, StreamPlan
from benchmarks.measurement import Log
from development.postgres import EmbeddedPostgres
from servicekit.auth.principal import SERVICE_ROLE
from testkit.citus import CitusCluster
from testkit.ports import free_port
from testkit.postgres import distributed_database, execute, fresh_database, migrate, query, temporary_postgres
from testkit.service_process import ServiceProcess
from testkit.tokens import token

#: What docs/operations.md recommends. Everything else is PostgreSQL's default, above all fsync and synchronous_commit.
POSTGRES_SETTINGS = {
    # The rows that change fit into PostgreSQL's own cache.
    "shared_buffers": "1GB",
    # Checkpoints are caused by time, not by the size of the log: after each, every page is logged in full once.
    "max_wal_size": "16GB",
    "checkpoint_timeout": "15min",
    # Full pages are logged compressed.
    "wal_compression": "on",
}
#: No participant times out while another target is measured.
LONG_TIMEOUT = {"PRESENCE_TIMEOUT_SECONDS": "3600"}
#: Longer than any case takes.
_TOKEN_LIFETIME = timedelta(hours=12)


@contextmanager
def durable_postgres() -> Iterator[EmbeddedPostgres]:
    """Run a private server with `POSTGRES_SETTINGS`."""
    with temporary_postgres(on_disk=True) as server:
        execute(server.url(), *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in POSTGRES_SETTINGS.items()))
        server.stop()
        server.start()
        yield server


@dataclass(slots=True)
class Environment:
    """Starts what a case needs; everything ends with the block that asked for it."""

    server: EmbeddedPostgres
    #: For logs.
    directory: Path
    #: Gets lines of progress.
    log: Log
    _log_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _template: str | None = None
    #: Has the databases of cases instead of the server.
    cluster: CitusCluster | None = None

    @property
    def postgres(self) -> psutil.Process:
        """The parent of all of the database server's processes."""
        [(directory,)] = query(self.server.url(), "SHOW data_directory")
        number, *_ = Path(str(directory), "postmaster.pid").read_text().splitlines()
        return psutil.Process(int(number))

    def log_bytes(self) -> int:
        """Return how many bytes of its log (WAL) the database server has written so far."""
        [(written,)] = query(self.server.url(), "SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(str(written))

    def new_directory(self, name: str) -> Path:
        """Return an empty directory for a server's data."""
        created = self.directory / f"{name}.{next(self._log_numbers)}"
        created.mkdir()
        return created

    @contextmanager
    def database(self, sessions: int) -> Iterator[str]:
        """Yield the URL of a database with the sessions 1 to n and nothing else."""
        with self._migrated_database() as url:
            execute(url, INSERT_SESSIONS.format(first=1, last=sessions), "VACUUM ANALYZE")
            yield url

    @contextmanager
    def service(
        self, database: str, module: str = "tracking_service", settings: dict[str, str] = LONG_TIMEOUT
    ) -> Iterator[ServiceProcess]:
        """Run a service."""
        port = free_port()
        # The load's streams are opened once.
        chosen = {"DATABASE_URL": database, "TRACKING_PORT": str(port), "MAX_STREAM_AGE_SECONDS": "0", **settings}
        process = ServiceProcess(module, port, chosen, self._log_file(module))
        try:
            process.start()
            yield process
            process.terminate()
        finally:
            process.stop()

    @contextmanager
    def child(self, module: str) -> Iterator[ChildProcess]:
        """Run a child process of the benchmarks."""
        with ChildProcess(module, self._log_file(module)) as started:
            yield started

    @contextmanager
    def stream_load(self, plan: StreamPlan) -> Iterator[ChildProcess]:
        """Run a load process whose streams are open."""
        with self.child("benchmarks.load.stream_load") as started:
            started.request(plan, Ready)
            yield started

    def _migrated_database(self) -> AbstractContextManager[str]:
        if self.cluster is not None:
            return distributed_database(self.cluster)
        return fresh_database(self.server, template=self._migrated_template())

    def _migrated_template(self) -> str:
        if self._template is None:
            name = f"benchmark_{uuid4().hex}"
            execute(self.server.url(), f"CREATE DATABASE {name}")
            migrate(self.server.url(name))
            self._template = name
        return self._template

    def _log_file(self, module: str) -> Path:
        return self.directory / f"{module}.{next(self._log_numbers)}.log"


def relay_token() -> str:
    """Return a token of a relay."""
    return token("benchmark", SERVICE_ROLE, lifetime=_TOKEN_LIFETIME)
