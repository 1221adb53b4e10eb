"""Both services as processes of their own, on a private PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import durable_postgres
from benchmarks.evaluation.moments import HOUR
from benchmarks.evaluation.simulation.calendar import LONGEST_BACKFILL
from testkit.ports import free_port
from testkit.postgres import migrate
from testkit.service_process import ServiceProcess

#: Schedules have no time zone; one that never changes its clocks keeps the calendar simple.
ZONE = "UTC"
_LOG_LEVEL = "warning"
#: Of a service's log, where something failed.
_SHOWN_CHARACTERS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """Where they are."""

    database: str
    tracking: str
    attendance: str


@contextmanager
def database() -> Iterator[str]:
    """Run a private database server with the tables of both services; yield the database's URL."""
    with durable_postgres() as server:
        migrate(server.url())
        yield server.url()


@contextmanager
def services(url: str) -> Iterator[Services]:
    """Run both services on a database."""
    tracking_port, attendance_port = free_port(), free_port()
    settings = {
        "DATABASE_URL": url,
        "TRACKING_PORT": str(tracking_port),
        "TRACKING_ADDRESS": f"127.0.0.1:{tracking_port}",
        "ATTENDANCE_PORT": str(attendance_port),
        "SESSION_TIMEZONE": ZONE,
        "BACKFILL_LIMIT_HOURS": str(LONGEST_BACKFILL // HOUR),
        "LOG_LEVEL": _LOG_LEVEL,
    }
    with (
        tempfile.TemporaryDirectory(prefix="evaluation-") as directory,
        _running("tracking_service", tracking_port, settings, Path(directory)) as tracking,
        _running("attendance_service", attendance_port, settings, Path(directory)) as attendance,
    ):
        yield Services(database=url, tracking=tracking.address, attendance=attendance.address)


@contextmanager
def _running(module: str, port: int, settings: dict[str, str], directory: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess(module, port, settings, directory / f"{module}.log")
    try:
        process.start()
        yield process
        process.terminate()
    except BaseException as error:
        error.add_note(f"{module}: {process.log()[-_SHOWN_CHARACTERS:]}")
        raise
    finally:
        process.stop()
