"""Pages with presence sockets: how many gateways they need, and a load process for each gateway."""

from __future__ import annotations

import math
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import TypeVar

import psutil

from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment
from benchmarks.load.messages import Message, Ready
from benchmarks.load.page_messages import Close, Open, Opened, PageAnswer, PagePlan
from testkit.envoy import Gateway
from testkit.tokens import SECRET

#: A gateway has one for the page and one for the presence socket.
_DESCRIPTORS_PER_PAGE = 2
_OTHER_DESCRIPTORS = 1_000

_AnswerT = TypeVar("_AnswerT", bound=PageAnswer)


def gateways_for(pages: int, *, per_presence_socket: int) -> int:
    """Let child processes open the files that so many pages need; return among how many gateways these are divided.

    Exits if the system allows a process fewer files than a presence socket needs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = per_presence_socket + _OTHER_DESCRIPTORS
    if needed > hard:
        sys.exit(
            f"a presence socket needs {needed:,} file descriptors, but the hard limit is {hard:,}: "
            "raise it (ulimit -Hn), or use a smaller --scale"
        )
    wanted = pages * _DESCRIPTORS_PER_PAGE + _OTHER_DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    return math.ceil(pages * _DESCRIPTORS_PER_PAGE / (hard - _OTHER_DESCRIPTORS))


class PageLoads:
    """Load processes, one for each gateway, that are used as one."""

    def __init__(self, loads: Sequence[ChildProcess]) -> None:
        """Each has got its plan."""
        self._loads = loads

    @property
    def processes(self) -> list[psutil.Process]:
        """The load processes."""
        return [load.process for load in self._loads]

    def open(self, per_second: float) -> Opened:
        """Open a socket of every page at this rate, and wait until all are connected."""
        return self.request(Open(per_second=per_second / len(self._loads)), Opened)

    def close(self) -> None:
        """Close every socket."""
        self.send(Close())
        for load in self._loads:
            load.receive(Ready)

    def request(self, message: Message, answer: type[_AnswerT]) -> _AnswerT:
        """Send a request and wait for the answer."""
        self.send(message)
        return self.receive(answer)

    def send(self, message: Message) -> None:
        """Send a request whose answer `receive` returns."""
        for load in self._loads:
            load.send(message)

    def receive(self, answer: type[_AnswerT]) -> _AnswerT:
        """Wait for the answer to a request that was sent."""
        return answer.together([load.receive(answer) for load in self._loads])


@contextmanager
def page_loads(environment: Environment, gateways: Sequence[Gateway], pages: int) -> Iterator[PageLoads]:
    """Run load processes of so many pages, none of which is open."""
    bounds = [number * pages // len(gateways) for number in range(len(gateways) + 1)]
    with ExitStack() as running:
        loads = []
        for (first, end), gateway in zip(pairwise(bounds), gateways, strict=True):
            load = running.enter_context(environment.child("benchmarks.load.page_load"))
            load.request(PagePlan(port=gateway.port, secret=SECRET, first=first, pages=end - first), Ready)
            loads.append(load)
        yield PageLoads(loads)
