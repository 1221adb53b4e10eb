"""Everything that a page's socket passes: gateway, presence socket, tracking service, database."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.conversation import Conversation
from benchmarks.load.messages import Ready
from benchmarks.processes.page_load import PagePlan
from benchmarks.targets import CLIENT, POSTGRES, SERVER
from benchmarks.workbench import Workbench
from testkit.envoy import Gateway, running_gateway
from testkit.presence_socket_process import PresenceSocketProcess, presence_socket_process
from testkit.tokens import SECRET

SOCKET = "presence socket"
GATEWAY = "gateway"
#: As in earnest: the default rhythm of 15 s, and the default timeout.
_SETTINGS: dict[str, str] = {}
#: The gateway has two for each socket; the rest is everything else.
_DESCRIPTORS_PER_PAGE = 2
_OTHER_DESCRIPTORS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketStack:
    """All of it, running."""

    workbench: Workbench
    database: str
    socket: PresenceSocketProcess
    gateway: Gateway
    service: psutil.Process

    @property
    def processes(self) -> dict[str, psutil.Process]:
        """The processes of the product and of the database, as they are now."""
        return {
            SOCKET: psutil.Process(self.socket.pid),
            GATEWAY: psutil.Process(self.gateway.process.pid),
            SERVER: self.service,
            POSTGRES: self.workbench.postgres,
        }

    @contextmanager
    def pages(self, count: int) -> Iterator[Conversation]:
        """Run a load process of so many pages, which have opened nothing yet."""
        with self.workbench.conversation("benchmarks.processes.page_load") as load:
            load.ask(PagePlan(port=self.gateway.port, secret=SECRET, pages=count), Ready)
            yield load

    def wait_until_sockets_are_taken(self) -> None:
        """Return when the gateway has found the presence socket healthy."""
        self.gateway.wait_until_sockets_are_taken()


@contextmanager
def socket_stack(workbench: Workbench, pages: int) -> Iterator[SocketStack]:
    """Run everything, with two pages' users in each session."""
    _allow_descriptors(pages * _DESCRIPTORS_PER_PAGE + _OTHER_DESCRIPTORS)
    with (
        workbench.database(pages // 2 + 1) as database,
        workbench.service(database, settings=_SETTINGS) as service,
        presence_socket_process(service.address, workbench.directory / "presence-socket.log") as socket,
        running_gateway(
            workbench.directory / "gateway",
            {
                "JWT_HS256_SECRET": SECRET,
                "TRACKING_ADDRESS": service.address,
                # Nobody calls it.
                "ATTENDANCE_ADDRESS": service.address,
                "SOCKET_ADDRESS": socket.address,
            },
        ) as gateway,
    ):
        stack = SocketStack(
            workbench=workbench,
            database=database,
            socket=socket,
            gateway=gateway,
            service=psutil.Process(service.pid),
        )
        stack.wait_until_sockets_are_taken()
        yield stack


def client(load: Conversation) -> dict[str, psutil.Process]:
    """Return the process of the pages."""
    return {CLIENT: load.process}


def _allow_descriptors(count: int) -> None:
    """Let this process, and those it starts, have so many; ends the run if more than that is not up to us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(count, soft), max(count, hard)))
    except ValueError:
        sys.exit(
            f"{count:,} file descriptors are needed and {hard:,} are all there may be: "
            "raise the hard limit (ulimit -Hn), or take a smaller --scale"
        )
