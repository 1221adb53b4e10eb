"""REST heartbeats through the gateway, beside the way in which the replaced system took them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from benchmarks.cases.comparison import SECONDS
from benchmarks.conversation import Conversation
from benchmarks.load.messages import Delivered, Ready, Run
from benchmarks.load.people import user_id
from benchmarks.measurement import Measurement, Rounds, interleaved
from benchmarks.options import Options
from benchmarks.processes.old_way import OldWayPlan
from benchmarks.processes.rest_load import RestPlan
from benchmarks.processor import spent
from benchmarks.report import Report, at_least
from benchmarks.targets import CLIENT, POSTGRES, SERVER
from benchmarks.workbench import Workbench
from testkit.envoy import running_gateway
from testkit.tokens import SECRET, token

PEOPLE = 1_000
IN_FLIGHT = 64
GATEWAY = "gateway"
NEW = "through the gateway"
OLD = "the old way"
#: The limit is there to protect a replica; here it would be what is measured.
NO_LIMIT = "1000000"
HEADER = ("", "requests/s", "spread", "p50 ms", "p99 ms", "server us", "gateway us", "PostgreSQL us", "client us")


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """A server that takes in requests."""

    name: str
    load: Conversation
    processes: dict[str, psutil.Process]

    def measure(self, seconds: float) -> Measurement:
        """Send requests for so long."""
        delivered, processor = spent(self.processes, lambda: self.load.ask(Run(seconds=seconds), Delivered))
        return Measurement(delivered=delivered, processor=processor)


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    people = options.scaled(PEOPLE, at_least=IN_FLIGHT)
    with (
        workbench.database(people) as new_database,
        workbench.database(people) as old_database,
        through_gateway(workbench, new_database, people) as new,
        the_old_way(workbench, old_database, people) as old,
    ):
        rounds = interleaved([new, old], rounds=options.rounds, seconds=options.duration(SECONDS), say=workbench.say)
    return Report(
        title=f"REST heartbeats: {IN_FLIGHT} in flight, each with a token, durable",
        header=HEADER,
        rows=[_row(name, measured) for name, measured in rounds.items()],
        checks=(
            at_least("requests/s", rounds[NEW].rate, 2_000),
            at_least("times the old way", rounds[NEW].rate / rounds[OLD].rate, 12, digits=1),
        ),
    )


@contextmanager
def through_gateway(workbench: Workbench, database: str, people: int) -> Iterator[Requests]:
    """Run the service behind Envoy."""
    with workbench.service(database) as service:
        settings = {
            "JWT_HS256_SECRET": SECRET,
            "TRACKING_ADDRESS": service.address,
            # Nobody calls it.
            "ATTENDANCE_ADDRESS": service.address,
            "GATEWAY_REQUESTS_PER_SECOND": NO_LIMIT,
        }
        with running_gateway(workbench.directory / "gateway", settings) as gateway:
            gateway.wait_until(lambda: _is_answered(gateway.url))
            with requests(workbench, gateway.port, people) as load:
                processes = {
                    SERVER: psutil.Process(service.pid),
                    GATEWAY: psutil.Process(gateway.process.pid),
                    POSTGRES: workbench.postgres,
                    CLIENT: load.process,
                }
                yield Requests(name=NEW, load=load, processes=processes)


@contextmanager
def the_old_way(workbench: Workbench, database: str, people: int) -> Iterator[Requests]:
    """Run the server of the old way."""
    with workbench.conversation("benchmarks.processes.old_way") as server:
        port = server.ask(OldWayPlan(url=database, secret=SECRET), Ready).port
        with requests(workbench, port, people) as load:
            processes = {SERVER: server.process, POSTGRES: workbench.postgres, CLIENT: load.process}
            yield Requests(name=OLD, load=load, processes=processes)


@contextmanager
def requests(workbench: Workbench, port: int, people: int) -> Iterator[Conversation]:
    """Run a load process of requests."""
    with workbench.conversation("benchmarks.processes.rest_load") as load:
        load.ask(RestPlan(port=port, secret=SECRET, sessions=people, in_flight=IN_FLIGHT), Ready)
        yield load


def _is_answered(url: str) -> bool:
    answer = httpx.post(
        f"{url}/api/whiteboard/sessions/1/heartbeat",
        json={"session_id": 1, "user_type": "tutor"},
        headers={"authorization": f"Bearer {token(user_id(1, 'tutor'), 'tutor')}"},
    )
    return answer.status_code == httpx.codes.OK


def _row(name: str, measured: Rounds) -> tuple[str, ...]:
    costs = [measured.cost(process) for process in (SERVER, GATEWAY, POSTGRES, CLIENT)]
    return (
        name,
        f"{measured.rate:,.0f}",
        measured.spread,
        f"{measured.middle(lambda delivered: delivered.latency_p50):.1f}",
        f"{measured.middle(lambda delivered: delivered.latency_p99):.1f}",
        *(f"{cost:.0f}" if cost else "-" for cost in costs),
    )
