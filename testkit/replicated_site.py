"""The product with several processes of each kind behind Envoy, each of which may end and start again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testkit.envoy import Gateway, running_gateways
from testkit.envoy_hosts import EnvoyHost, envoy_hosts, together
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

    #: One, unless more are asked for.
    gateways: Sequence[Gateway]
    #: By kind.
    replicas: Mapping[str, list[ServiceProcess]]

    @property
    def gateway(self) -> Gateway:
        """The first one."""
        return self.gateways[0]

    def hosts(self, kind: str) -> list[EnvoyHost]:
        """Return what the gateways together know of the replicas of a kind."""
        known = zip(*(envoy_hosts(gateway.directory, kind) for gateway in self.gateways), strict=True)
        return [together(hosts) for hosts in known]

    def host(self, kind: str, port: int) -> EnvoyHost:
        """Return what the gateways together know of one replica."""
        return next(host for host in self.hosts(kind) if host.port == port)

    def wait_until_all_are_used(self) -> None:
        """Return once each gateway uses all replicas of all kinds."""
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
    database: str, directory: Path, count: int, tree: Path = ROOT, /, *, gateways: int = 1, **settings: str
) -> Iterator[ReplicatedSite]:
    """Run so many of each kind with these settings; the database is the service's own login.

    `tree` has the version of the services and presence sockets; gateways are always of this one.
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
        started = running.enter_context(running_gateways(gateways, directory / "gateways", environment))
        for gateway in started:
            gateway.wait_until_healthy()
        site = ReplicatedSite(gateways=started, replicas=replicas)
        site.wait_until_all_are_used()
        yield site


def _process(kind: str, port: int, environment: dict[str, str], log: Path, tree: Path) -> ServiceProcess:
    own = {**environment, f"{_VARIABLES[kind]}_PORT": str(port)}
    process = PresenceSocketProcess if kind == SOCKET else ServiceProcess
    return process(_MODULES[kind], port, own, log, tree)
