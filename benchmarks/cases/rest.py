"""REST heartbeats through the gateway, beside those of the replaced system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil

from benchmarks.baselines.replaced_system import ReplacedSystemPlan
from benchmarks.cases.throughput import SECONDS
from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment
from benchmarks.load.messages import Ready, user_id
from benchmarks.load.rest_load import RestPlan
from benchmarks.measurement import Options, Rounds, interleaved
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import BARE_GRPC, CLIENT, POSTGRES, SERVER, RunTarget
from testkit.envoy import running_gateway
from testkit.tokens import SECRET, token

PARTICIPANTS = 1_000
IN_FLIGHT = 64
GATEWAY = "gateway"
NEW = "through the gateway"
BARE = "a bare handler"
OLD = "the replaced system"
#: The default limit would be what is measured.
NO_RATE_LIMIT = "1000000"
#: All pages of the load have one address.
RATE_LIMITS = (
    "GATEWAY_REQUESTS_PER_SECOND",
    "GATEWAY_REQUESTS_PER_SECOND_PER_ADDRESS",
    "GATEWAY_REQUESTS_PER_SECOND_PER_IDENTITY",
)
HEADER = ("", "requests/s", "spread", "p50 ms", "p99 ms", "server us", "gateway us", "PostgreSQL us", "client us")


def run(environment: Environment, options: Options) -> Report:
    """Measure both in turns."""
    participants = options.scaled(PARTICIPANTS, at_least=IN_FLIGHT)
    with (
        environment.database(participants) as new_database,
        environment.database(participants) as old_database,
        through_gateway(environment, new_database, participants) as new,
        through_gateway(environment, new_database, participants, name=BARE, module=BARE_GRPC) as bare,
        replaced_system(environment, old_database, participants) as old,
    ):
        rounds = interleaved(
            [new, bare, old], rounds=options.rounds, seconds=options.duration(SECONDS), log=environment.log
        )
    return Report(
        title=f"REST heartbeats: {IN_FLIGHT} in flight, each with a token, durable",
        header=HEADER,
        rows=[_row(name, measured) for name, measured in rounds.items()],
        checks=(
            at_least("requests/s", rounds[NEW].rate, 2_000),
            at_least("times the replaced system", rounds[NEW].rate / rounds[OLD].rate, 12, digits=1),
            at_most(
                "service CPU to that of a bare handler",
                rounds[NEW].cost(SERVER) / rounds[BARE].cost(SERVER),
                1.5,
                digits=2,
            ),
        ),
        notes=(f"{BARE}: the same library behind the same gateway answers at once; nothing is verified or stored",),
    )


@contextmanager
def through_gateway(
    environment: Environment, database: str, participants: int, *, name: str = NEW, module: str = "tracking_service"
) -> Iterator[RunTarget]:
    """Run a server behind an Envoy of its own."""
    with environment.service(database, module) as service:
        settings = {
            "JWT_HS256_SECRET": SECRET,
            "TRACKING_ADDRESS": service.address,
            # Not called.
            "ATTENDANCE_ADDRESS": service.address,
            **dict.fromkeys(RATE_LIMITS, NO_RATE_LIMIT),
        }
        with running_gateway(environment.directory / f"gateway of {module}", settings) as gateway:
            gateway.wait_until(lambda: _accepts_heartbeats(gateway.url))
            with rest_load(environment, gateway.port, participants) as load:
                processes = {
                    SERVER: psutil.Process(service.pid),
                    GATEWAY: psutil.Process(gateway.process.pid),
                    POSTGRES: environment.postgres,
                    CLIENT: load.process,
                }
                yield RunTarget(name=name, child=load, processes=processes)


@contextmanager
def replaced_system(environment: Environment, database: str, participants: int) -> Iterator[RunTarget]:
    """Run the replaced system."""
    with environment.child("benchmarks.baselines.replaced_system") as server:
        port = server.request(ReplacedSystemPlan(url=database, secret=SECRET), Ready).port
        with rest_load(environment, port, participants) as load:
            processes = {SERVER: server.process, POSTGRES: environment.postgres, CLIENT: load.process}
            yield RunTarget(name=OLD, child=load, processes=processes)


@contextmanager
def rest_load(environment: Environment, port: int, participants: int) -> Iterator[ChildProcess]:
    """Run a load process of REST heartbeats."""
    with environment.child("benchmarks.load.rest_load") as load:
        load.request(RestPlan(port=port, secret=SECRET, sessions=participants, in_flight=IN_FLIGHT), Ready)
        yield load


def _accepts_heartbeats(url: str) -> bool:
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
        f"{measured.median_of(lambda delivered: delivered.latency_p50):.1f}",
        f"{measured.median_of(lambda delivered: delivered.latency_p99):.1f}",
        *(f"{cost:.0f}" if cost else "-" for cost in costs),
    )
