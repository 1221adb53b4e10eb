"""How long one user's heartbeats take while another one floods everything that they share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import httpx

from benchmarks.environment import Environment
from benchmarks.load.flood import Flooded, FloodPlan
from benchmarks.load.messages import Ready, Run, percentile, user_id
from benchmarks.measurement import Options
from benchmarks.report import Report, at_most
from testkit.envoy import Gateway, running_gateway
from testkit.presence_socket_process import presence_socket_process
from testkit.tokens import SECRET, token

SECONDS = 15.0
#: Enough for a 99th percentile, and far from what one user may send.
HEARTBEATS_PER_SECOND = 40
CLIENT_ADDRESS = "198.51.100.1"
#: The user who is measured; those of later sessions flood, one in each round.
MEASURED_SESSION = 1
#: Everything has its default limits. The gateway is told that a proxy stands in front of it, which names the clients.
_BEHIND_A_PROXY = {"GATEWAY_TRUSTED_PROXIES": "1"}
_MILLISECONDS_PER_SECOND = 1_000
GOAL_TIMES = 3
QUIET, FLOODED = "nobody else", "another user floods"


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """Of one user's heartbeats, in milliseconds."""

    p50: float
    p99: float
    longest: float


def run(environment: Environment, options: Options) -> Report:
    """Measure without and with the flood, in turns."""
    seconds = options.duration(SECONDS)
    quiet, flooded, floods = [], [], []
    with _stack(environment, sessions=options.rounds + MEASURED_SESSION) as gateway:
        for number in range(1, options.rounds + 1):
            quiet.append(round_trips(gateway, seconds))
            with environment.child("benchmarks.load.flood") as child:
                child.request(FloodPlan(port=gateway.port, session=MEASURED_SESSION + number), Ready)
                child.send(Run(seconds=seconds))
                flooded.append(round_trips(gateway, seconds))
                floods.append(child.receive(Flooded))
            environment.log(f"round {number} of {options.rounds}: p99 {quiet[-1].p99:.1f}, {flooded[-1].p99:.1f} ms")
    ratios = [with_flood.p99 / without.p99 for without, with_flood in zip(quiet, flooded, strict=True)]
    return Report(
        title=f"Flood: {HEARTBEATS_PER_SECOND} heartbeats/s of one user by REST, alone and while another floods",
        header=("", "p50 ms", "p99 ms", "max ms", "p99, times quiet"),
        rows=[_row(QUIET, quiet, [1.0]), _row(FLOODED, flooded, ratios)],
        checks=(at_most("p99, times quiet", median(ratios), GOAL_TIMES, digits=1),),
        notes=[_note(name, floods[-1]) for name in floods[-1].tried],
    )


def round_trips(gateway: Gateway, seconds: float) -> RoundTrips:
    """Send heartbeats one after the other at a steady rate; HTTPStatusError if one is refused."""
    taken: list[float] = []
    headers = {
        "authorization": f"Bearer {token(user_id(MEASURED_SESSION, 'student'), 'student')}",
        "x-forwarded-for": CLIENT_ADDRESS,
    }
    path = f"/api/whiteboard/sessions/{MEASURED_SESSION}/heartbeat"
    with httpx.Client(base_url=gateway.url, headers=headers, trust_env=False) as client:
        began = time.monotonic()
        for number in range(max(1, round(seconds * HEARTBEATS_PER_SECOND))):
            time.sleep(max(0.0, began + number / HEARTBEATS_PER_SECOND - time.monotonic()))
            sent_at = time.monotonic()
            client.post(path, json={"user_type": "student"}).raise_for_status()
            taken.append((time.monotonic() - sent_at) * _MILLISECONDS_PER_SECOND)
    ordered = sorted(taken)
    return RoundTrips(percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1])


@contextmanager
def _stack(environment: Environment, *, sessions: int) -> Iterator[Gateway]:
    with (
        environment.database(sessions) as database,
        environment.service(database, settings={}) as service,
        presence_socket_process(service.address, environment.directory / "presence-socket.log") as socket,
        running_gateway(
            environment.directory / "gateway",
            {
                "JWT_HS256_SECRET": SECRET,
                "TRACKING_ADDRESS": service.address,
                # Not called.
                "ATTENDANCE_ADDRESS": service.address,
                "SOCKET_ADDRESS": socket.address,
                **_BEHIND_A_PROXY,
            },
        ) as gateway,
    ):
        gateway.wait_until_sockets_are_accepted()
        yield gateway


def _row(name: str, rounds: list[RoundTrips], ratios: list[float]) -> tuple[str, ...]:
    values = (
        median(one.p50 for one in rounds),
        median(one.p99 for one in rounds),
        median(one.longest for one in rounds),
        median(ratios),
    )
    return (name, *(f"{value:.1f}" for value in values))


def _note(name: str, flood: Flooded) -> str:
    return f"{name}: {flood.tried[name]:,} tried, {flood.refused.get(name, 0):,} refused"
