"""What so many connected people need, from what one heartbeat, one connect and one session were measured to cost.

Give the figures that `python -m benchmarks` printed for your machine; docs/performance.md explains the formulas.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from benchmarks import table

PEOPLE = (1_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
PEOPLE_PER_SESSION = 2
#: One stands in while another is away or replaced.
FEWEST_REPLICAS = 2
MICROSECONDS_PER_SECOND = 1_000_000
BYTES_PER_MIB = 2**20
BYTES_PER_GIB = 2**30

HEADER = (
    "connected",
    "beats/s",
    "service cores",
    "PostgreSQL cores",
    "replicas",
    "WAL MiB/s",
    "disk GiB/day",
    "primaries",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Measured unit costs: processor time in microseconds."""

    service_beat: float
    postgres_beat: float
    service_connect: float
    postgres_connect: float
    #: Bytes of the write-ahead log per beat, full pages included.
    log_beat: float
    #: Bytes that a session leaves behind, indexes included.
    disk_session: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What is assumed of use and of machines."""

    heartbeat_seconds: float = 15.0
    #: In which everybody comes at the start of a lesson.
    joining_seconds: float = 300.0
    #: Share of a core that is planned with; the rest is for bursts, vacuum and the loss of a replica.
    utilisation: float = 0.6
    #: Of a large managed primary.
    primary_cores: float = 64.0
    #: What such a primary's log volume and its standbys take for hours.
    primary_log_mib: float = 250.0
    #: A day's lessons, as hours in which as many people are connected as at the peak.
    peak_hours: float = 5.0
    session_hours: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What is needed at the peak: everybody beats, and a lesson's people come."""

    people: int
    beats: float
    service_cores: float
    postgres_cores: float
    log_mib: float
    disk_gib_per_day: float
    replicas: int
    primaries: int


def need(people: int, costs: Costs, terms: Terms) -> Need:
    """Return what `people` connected at once need."""
    beats = people / terms.heartbeat_seconds
    connects = people / terms.joining_seconds
    service = (beats * costs.service_beat + connects * costs.service_connect) / MICROSECONDS_PER_SECOND
    postgres = (beats * costs.postgres_beat + connects * costs.postgres_connect) / MICROSECONDS_PER_SECOND
    log = beats * costs.log_beat / BYTES_PER_MIB
    sessions = people / PEOPLE_PER_SESSION * terms.peak_hours / terms.session_hours
    return Need(
        people=people,
        beats=beats,
        service_cores=service,
        postgres_cores=postgres,
        log_mib=log,
        disk_gib_per_day=sessions * costs.disk_session / BYTES_PER_GIB,
        # A Python process keeps one core busy.
        replicas=max(math.ceil(service / terms.utilisation), FEWEST_REPLICAS),
        primaries=max(
            math.ceil(postgres / (terms.utilisation * terms.primary_cores)),
            math.ceil(log / terms.primary_log_mib),
        ),
    )


def most_of_one_primary(costs: Costs, terms: Terms) -> int:
    """Return how many people one primary carries; beyond, sessions are spread over several."""
    one = need(1_000_000, costs, terms)
    by_processor = terms.utilisation * terms.primary_cores / one.postgres_cores
    by_log = terms.primary_log_mib / one.log_mib
    return int(min(by_processor, by_log) * one.people)


def render(costs: Costs, terms: Terms) -> str:
    """Return the table, and where sharding begins."""
    rows = [_row(need(people, costs, terms)) for people in PEOPLE]
    most = most_of_one_primary(costs, terms)
    return f"{table.render(HEADER, rows)}\n\nOne primary carries {most:,} connected people."


def main() -> None:
    """Print the table."""
    arguments = vars(_parser().parse_args())
    costs = Costs(**{name: arguments[name] for name in Costs.__dataclass_fields__})
    terms = Terms(**{name: arguments[name] for name in Terms.__dataclass_fields__})
    print(render(costs, terms))


def _row(needed: Need) -> tuple[str, ...]:
    return (
        f"{needed.people:,}",
        f"{needed.beats:,.0f}",
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
    for name in Terms.__dataclass_fields__:
        default = getattr(Terms(), name)
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
