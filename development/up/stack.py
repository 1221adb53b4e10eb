"""What `make up` runs, in the order of starting."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from development.environment import DevelopmentSettings
from development.migrate import MIGRATIONS
from development.signing_secret import signing_secret
from development.up.child import Command
from development.up.gateway import gateway_command, prepare_gateway
from development.up.ports import LOOPBACK
from development.up.ready import until_exists, until_healthy, until_serving
from development.up.supervisor import Supervisor

#: A fast shutdown of PostgreSQL writes a checkpoint.
DATABASE_STOP_SECONDS = 60.0
TRACKING_SERVICE = "astegni.tracking.v1.TrackingService"
ATTENDANCE_SERVICE = "astegni.attendance.v1.AttendanceService"


async def start_stack(supervisor: Supervisor, settings: DevelopmentSettings, say: Callable[[str], None]) -> str:
    """Start everything and return the database's URL."""
    url = settings.database_url or await _start_database(supervisor, settings, say)
    environment = _environment(settings, url)
    say("Migrating the database ...")
    for module in MIGRATIONS:
        await supervisor.finish(_python(module.replace("_service.", "-"), module, environment))
    say("Starting the services ...")
    await supervisor.start(
        _python("tracking", "tracking_service", environment),
        partial(until_serving, environment["TRACKING_ADDRESS"], TRACKING_SERVICE),
    )
    await supervisor.start(
        _python("attendance", "attendance_service", environment),
        partial(until_serving, environment["ATTENDANCE_ADDRESS"], ATTENDANCE_SERVICE),
    )
    say("Looking after the demo data (a minute on first use) ...")
    await supervisor.finish(_python("demo", "development.demo", environment))
    say("Starting the gateway ...")
    for command in prepare_gateway(settings.state_directory, environment):
        await supervisor.finish(command)
    await supervisor.start(
        gateway_command(settings.state_directory, environment),
        partial(until_healthy, f"http://{LOOPBACK}:{settings.gateway_port}/healthz"),
    )
    return url


async def _start_database(supervisor: Supervisor, settings: DevelopmentSettings, say: Callable[[str], None]) -> str:
    say("Starting the embedded PostgreSQL ...")
    file: Path = settings.database_url_file
    file.unlink(missing_ok=True)
    environment = {"STATE_DIRECTORY": str(settings.state_directory)}
    command = _python("postgresql", "development.up.database", environment, stop_seconds=DATABASE_STOP_SECONDS)
    await supervisor.start(command, partial(until_exists, file))
    return file.read_text()


def _environment(settings: DevelopmentSettings, database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "JWT_HS256_SECRET": signing_secret(settings),
        "STATE_DIRECTORY": str(settings.state_directory),
        "LISTEN_HOST": LOOPBACK,
        "GATEWAY_LISTEN_ADDRESS": LOOPBACK,
        "GATEWAY_PORT": str(settings.gateway_port),
        "TRACKING_PORT": str(settings.tracking_port),
        "ATTENDANCE_PORT": str(settings.attendance_port),
        "TRACKING_ADDRESS": f"{LOOPBACK}:{settings.tracking_port}",
        "ATTENDANCE_ADDRESS": f"{LOOPBACK}:{settings.attendance_port}",
    }


def _python(name: str, module: str, environment: dict[str, str], *, stop_seconds: float = 20.0) -> Command:
    return Command(
        name=name, arguments=(sys.executable, "-m", module), environment=environment, stop_seconds=stop_seconds
    )
