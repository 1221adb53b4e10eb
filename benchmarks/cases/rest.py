"""REST heartbeats through the gateway, beside those of the replaced system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psutil

from benchmarks.cases.throughput import SECONDS
from benchmarks.environment import Environment
from benchmarks.load.messages import user_id
from benchmarks.measurement import Options, Rounds, interleaved
from benchmarks.report import Report, at_least, at_most
from benchmarks.requirement import FASTAPI
from benchmarks.targets import (
    AS_BUILT,
    BARE_GRPC,
    CLIENT,
    IN_FLIGHT,
    LEAN,
    POSTGRES,
    SERVER,
    RunTarget,
    replaced_system,
    rest_load,
)
from testkit.envoy import running_gateway
from testkit.tokens import SECRET, token

PARTICIPANTS = 1_000
GATEWAY = "gateway"
NEW = "through the gateway"
BARE = "a bare handler"
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
    """Measure the service, its limit and the replaced system in turns."""
    participants = options.scaled(PARTICIPANTS, at_least=IN_FLIGHT)
    with ExitStack() as stack:
        new_database, old_database = (stack.enter_context(environment.database(participants)) for _ in range(2))
        starts = [
            through_gateway(environment, new_database, participants),
            through_gateway(environment, new_database, participants, name=BARE, module=BARE_GRPC),
            replaced_system(environment, old_database, participants, LEAN),
        ]
        if not FASTAPI.missing:
            starts.append(replaced_system(environment, old_database, participants, AS_BUILT))
        rounds = interleaved(
            [stack.enter_context(start) for start in starts],
            rounds=options.rounds,
            seconds=options.duration(SECONDS),
            log=environment.log,
        )
    return _report(rounds)


def _report(rounds: dict[str, Rounds]) -> Report:
    old = AS_BUILT if AS_BUILT in rounds else LEAN
    processor_ratio = rounds[NEW].cost(SERVER) / rounds[BARE].cost(SERVER)
    return Report(
        title=f"REST heartbeats: {IN_FLIGHT} in flight, each with a token, durable",
        header=HEADER,
        rows=[_row(name, rounds[name]) if name in rounds else _empty_row(name) for name in (NEW, BARE, LEAN, AS_BUILT)],
        checks=(
            at_least("requests/s", rounds[NEW].rate, 2_000),
            at_least(f"times {old}", rounds[NEW].rate / rounds[old].rate, 12, digits=1),
            at_most("service CPU to that of a bare handler", processor_ratio, 1.5, digits=2),
        ),
        notes=(
            f"{BARE}: the same library behind the same gateway answers at once; nothing is verified or stored",
            f"{LEAN}: a server of the standard library, with the same new connection for each request",
            f"{AS_BUILT}: FastAPI on Uvicorn" if AS_BUILT in rounds else FASTAPI.absence(AS_BUILT),
        ),
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


def _empty_row(name: str) -> tuple[str, ...]:
    return (name, *["-"] * (len(HEADER) - 1))
