"""What a case works with: a database server, services, load processes, and a way to say how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import psutil

from benchmarks.conversation import Conversation
from benchmarks.database import postmaster
from benchmarks.load.messages import LoadPlan, Ready
from benchmarks.load.people import SEED_SESSIONS
from benchmarks.measurement import Say
from development.postgres import EmbeddedPostgres
from servicekit.auth.principal import SERVICE_ROLE
from testkit.ports import free_port
from testkit.postgres import execute, migrate
from testkit.service_process import ServiceProcess
from testkit.tokens import token

#: Nobody times out while it is another target's turn.
PATIENT = {"PRESENCE_TIMEOUT_SECONDS": "3600"}
#: Longer than any case takes.
_TOKEN_LIFETIME = timedelta(hours=12)
_TEMPLATE = "benchmark_template"


@dataclass(slots=True)
class Workbench:
    """Hands out what is measured; everything ends with the block that asked for it."""

    server: EmbeddedPostgres
    #: For logs.
    directory: Path
    say: Say
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _has_template: bool = False

    @property
    def postgres(self) -> psutil.Process:
        """The database server's processes."""
        return postmaster(self.server)

    @contextmanager
    def database(self, sessions: int) -> Iterator[str]:
        """Yield the URL of a database with the sessions 1 to n and nothing else."""
        if not self._has_template:
            execute(self.server.url(), f"CREATE DATABASE {_TEMPLATE}")
            migrate(self.server.url(_TEMPLATE))
            self._has_template = True
        name = f"benchmark_{next(self._numbers)}"
        execute(self.server.url(), f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        url = self.server.url(name)
        try:
            execute(url, SEED_SESSIONS.format(sessions=sessions), "VACUUM ANALYZE")
            yield url
        finally:
            execute(self.server.url(), f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def service(
        self, database: str, module: str = "tracking_service", settings: dict[str, str] = PATIENT
    ) -> Iterator[ServiceProcess]:
        """Run a service."""
        port = free_port()
        chosen = {"DATABASE_URL": database, "TRACKING_PORT": str(port), **settings}
        process = ServiceProcess(module, port, chosen, self._log(module))
        try:
            process.start()
            yield process
            process.terminate()
        finally:
            process.stop()

    @contextmanager
    def conversation(self, module: str) -> Iterator[Conversation]:
        """Run a process of the harness."""
        with Conversation(module, self._log(module)) as started:
            yield started

    @contextmanager
    def load(self, plan: LoadPlan) -> Iterator[Conversation]:
        """Run a load process whose streams are open."""
        with self.conversation("benchmarks.processes.load") as started:
            started.ask(plan, Ready)
            yield started

    def _log(self, module: str) -> Path:
        return self.directory / f"{module}.{next(self._numbers)}.log"


def relay_token() -> str:
    """Return a token of a relay."""
    return token("benchmark", SERVICE_ROLE, lifetime=_TOKEN_LIFETIME)
