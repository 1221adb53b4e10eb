"""The product with several processes of each kind behind one Envoy, each of which may end and start again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testkit.envoy import Gateway, running_gateway
from testkit.envoy_hosts import EnvoyHost, envoy_hosts
from testkit.ports import free_port
from testkit.presence_socket_process import PresenceSocketProcess
from testkit.service_process import ServiceProcess
from testkit.source_tree import ROOT
from testkit.tokens import SECRET

#: Envoy's clusters, in the order in which the processes depend on each other.
TRACKING: Final = "tracking"
ATTENDANCE: Final = "attendance"
SOCKET: Final = "presence_socket"
KINDS: Final = (TRACKING, ATTENDANCE, SOCKET)
_MODULES: Final = {
    TRACKING: "tracking_service",
    ATTENDANCE: "attendance_service",
    SOCKET: "gateway.presence_socket",
}
_VARIABLES: Final = {TRACKING: "TRACKING", ATTENDANCE: "ATTENDANCE", SOCKET: "SOCKET"}
#: As `make up REPLICAS=3` has it.
_SHUTDOWN_DELAY_SECONDS: Final = "2"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicatedSite:
    """Everything, running."""

    gateway: Gateway
    #: By kind.
    replicas: Mapping[str, list[ServiceProcess]]

    def hosts(self, kind: str) -> list[EnvoyHost]:
        """Return what Envoy knows of the replicas of a kind."""
        return envoy_hosts(self.gateway.directory, kind)

    def wait_until_all_are_used(self) -> None:
        """Return once Envoy uses all replicas of all kinds."""
        self.gateway.wait_until(lambda: all(host.is_used for kind in KINDS for host in self.hosts(kind)))

    def kill_and_restart(self, kind: str, number: int) -> None:
        """SIGKILL one, start it again, and wait until Envoy uses it."""
        self.replicas[kind][number].kill()
        self._start(kind, number)

    def replace(self, kind: str, number: int, tree: Path) -> int:
        """Do what `restart` does, but start the version that is in another source tree."""
        self.replicas[kind][number].tree = tree
        return self.restart(kind, number)

    def restart(self, kind: str, number: int) -> int:
        """SIGTERM one, start it again, wait until Envoy uses it, and return its exit status."""
        status = self.replicas[kind][number].terminate()
        self._start(kind, number)
        return status

    def _start(self, kind: str, number: int) -> None:
        self.replicas[kind][number].start()
        self.wait_until_all_are_used()


@contextmanager
def replicated_site(
    database: str, directory: Path, count: int, tree: Path = ROOT, /, **settings: str
) -> Iterator[ReplicatedSite]:
    """Run so many of each kind with these settings; the database is the service's own login.

    `tree` has the version of the services and presence sockets; the gateway is always of this one.
    """
    ports = {kind: [free_port() for _ in range(count)] for kind in KINDS}
    environment = {
        "DATABASE_URL": database,
        "JWT_HS256_SECRET": SECRET,
        "SHUTDOWN_DELAY_SECONDS": _SHUTDOWN_DELAY_SECONDS,
        **{f"{_VARIABLES[kind]}_ADDRESS": ",".join(f"127.0.0.1:{port}" for port in ports[kind]) for kind in KINDS},
        **settings,
    }
    replicas = {
        kind: [_process(kind, port, environment, directory / f"{kind}-{port}.log", tree) for port in ports[kind]]
        for kind in KINDS
    }
    with ExitStack() as running, ThreadPoolExecutor() as starting:
        for process in (process for several in replicas.values() for process in several):
            running.callback(process.stop)
        list(starting.map(ServiceProcess.start, [process for several in replicas.values() for process in several]))
        gateway = running.enter_context(running_gateway(directory / "gateway", environment))
        gateway.wait_until_healthy()
        site = ReplicatedSite(gateway=gateway, replicas=replicas)
        site.wait_until_all_are_used()
        yield site


def _process(kind: str, port: int, environment: dict[str, str], log: Path, tree: Path) -> ServiceProcess:
    own = {**environment, f"{_VARIABLES[kind]}_PORT": str(port)}
    process = PresenceSocketProcess if kind == SOCKET else ServiceProcess
    return process(_MODULES[kind], port, own, log, tree)
