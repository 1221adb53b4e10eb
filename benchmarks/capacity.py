"""Computes the machines that a number of connected participants needs, from measured costs per event.

Pass the figures that `python -m benchmarks` printed for your machine; docs/performance.md explains the formulas.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from benchmarks.report import render_table

PARTICIPANTS = (1_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
PARTICIPANTS_PER_SESSION = 2
#: The service stays available while one replica is down or being replaced.
MIN_REPLICAS = 2
MICROSECONDS_PER_SECOND = 1_000_000
BYTES_PER_MIB = 2**20
BYTES_PER_GIB = 2**30

HEADER = (
    "connected",
    "heartbeats/s",
    "service cores",
    "PostgreSQL cores",
    "replicas",
    "WAL MiB/s",
    "disk GiB/day",
    "primaries",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Measured costs per event: processor time in microseconds."""

    service_heartbeat: float
    postgres_heartbeat: float
    service_connect: float
    postgres_connect: float
    #: Bytes of the write-ahead log per heartbeat, full pages included.
    log_heartbeat: float
    #: Bytes that are stored about a session, indexes included.
    disk_session: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumptions:
    """How the product is used, and what the machines can do."""

    heartbeat_seconds: float = 15.0
    #: Time in which all participants connect at the start of a lesson.
    connecting_seconds: float = 300.0
    #: Planned share of a core; the rest is reserved for bursts, vacuum and the loss of a replica.
    utilisation: float = 0.6
    #: A large managed primary.
    primary_cores: float = 64.0
    #: Bytes per second that its log volume and its standbys sustain for hours.
    primary_log_mib: float = 250.0
    #: Lessons of a day, as hours with as many connected participants as at the peak.
    peak_hours: float = 5.0
    session_hours: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """What is needed at the peak: all participants send heartbeats, and those of a lesson connect."""

    participants: int
    heartbeats: float
    service_cores: float
    postgres_cores: float
    log_mib: float
    disk_gib_per_day: float
    replicas: int
    primaries: int


def requirements(participants: int, costs: Costs, assumptions: Assumptions) -> Requirements:
    """Return what is needed for so many participants who are connected at once."""
    heartbeats = participants / assumptions.heartbeat_seconds
    connects = participants / assumptions.connecting_seconds
    service = (heartbeats * costs.service_heartbeat + connects * costs.service_connect) / MICROSECONDS_PER_SECOND
    postgres = (heartbeats * costs.postgres_heartbeat + connects * costs.postgres_connect) / MICROSECONDS_PER_SECOND
    log = heartbeats * costs.log_heartbeat / BYTES_PER_MIB
    sessions = participants / PARTICIPANTS_PER_SESSION * assumptions.peak_hours / assumptions.session_hours
    return Requirements(
        participants=participants,
        heartbeats=heartbeats,
        service_cores=service,
        postgres_cores=postgres,
        log_mib=log,
        disk_gib_per_day=sessions * costs.disk_session / BYTES_PER_GIB,
        # A Python process uses at most one core.
        replicas=max(math.ceil(service / assumptions.utilisation), MIN_REPLICAS),
        primaries=max(
            math.ceil(postgres / (assumptions.utilisation * assumptions.primary_cores)),
            math.ceil(log / assumptions.primary_log_mib),
        ),
    )


def max_of_one_primary(costs: Costs, assumptions: Assumptions) -> int:
    """Return how many participants one primary can serve; for more, sessions are spread over several."""
    million = requirements(1_000_000, costs, assumptions)
    by_processor = assumptions.utilisation * assumptions.primary_cores / million.postgres_cores
    by_log = assumptions.primary_log_mib / million.log_mib
    return int(min(by_processor, by_log) * million.participants)


def render(costs: Costs, assumptions: Assumptions) -> str:
    """Return the table, and the number of participants above which one primary is not enough."""
    rows = [_row(requirements(participants, costs, assumptions)) for participants in PARTICIPANTS]
    maximum = max_of_one_primary(costs, assumptions)
    return f"{render_table(HEADER, rows)}\n\nOne primary can serve {maximum:,} connected participants."


def main() -> None:
    """Print the table."""
    arguments = vars(_parser().parse_args())
    costs = Costs(**{name: arguments[name] for name in Costs.__dataclass_fields__})
    assumptions = Assumptions(**{name: arguments[name] for name in Assumptions.__dataclass_fields__})
    print(render(costs, assumptions))


def _row(needed: Requirements) -> tuple[str, ...]:
    return (
        f"{needed.participants:,}",
        f"{needed.heartbeats:,.0f}",
        f"{needed.service_cores:,.2f}",
        f"{needed.postgres_cores:,.2f}",
        f"{needed.replicas:,}",
        f"{needed.log_mib:,.2f}",
        f"{needed.disk_gib_per_day:,.2f}",
        f"{needed.primaries:,}",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in Costs.__dataclass_fields__:
        parser.add_argument(_option(name), type=_positive, required=True, help="measured")
    for name in Assumptions.__dataclass_fields__:
        default = getattr(Assumptions(), name)
        parser.add_argument(_option(name), type=_positive, default=default, help=f"assumed ({default:g})")
    return parser


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


if __name__ == "__main__":
    main()
