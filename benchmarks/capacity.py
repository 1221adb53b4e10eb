"""Computes the machines that a number of connected participants needs, from measured costs per event.

Pass the figures that `python -m benchmarks` printed for your machine; docs/scaling.md explains the formulas.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from benchmarks.report import render_table

PARTICIPANTS = (1_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
PARTICIPANTS_PER_SESSION = 2
#: Each part stays available while one of its processes or machines is down or being replaced.
MIN_REPLICAS = 2
#: A primary and its synchronous standby.
DATABASE_MACHINES_PER_CELL = 2
MICROSECONDS_PER_SECOND = 1_000_000
BYTES_PER_MIB = 2**20
BYTES_PER_GIB = 2**30
KIB_PER_GIB = 2**20
#: Nobody may come by sockets; and who does not know a price sees none.
_MAY_BE_ZERO = ("socket_share", "machine_price")

LOAD_HEADER = (
    "connected",
    "heartbeats/s",
    "gateway cores",
    "socket cores",
    "tracking cores",
    "PostgreSQL cores",
    "WAL MiB/s",
    "disk GiB/day",
)
MACHINES_HEADER = (
    "connected",
    "cells",
    "gateways",
    "presence sockets",
    "tracking services",
    "memory GiB",
    "machines",
    "of them databases",
    "a month",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Measured costs: processor time in microseconds per event, memory in KiB per socket."""

    service_heartbeat: float
    postgres_heartbeat: float
    service_connect: float
    postgres_connect: float
    #: The presence socket and the gateway, for who connects by a socket.
    socket_heartbeat: float
    gateway_heartbeat: float
    socket_connect: float
    gateway_connect: float
    socket_memory: float
    gateway_memory: float
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
    #: Share of the participants who connect by a presence socket; the others come through relays.
    socket_share: float = 1.0
    #: Planned share of a core; the rest is reserved for bursts, vacuum and the loss of a replica.
    utilisation: float = 0.6
    #: A machine of a usual size, and what one costs a month, in any currency (0: unknown).
    machine_cores: float = 16.0
    machine_price: float = 0.0
    #: A large managed primary.
    primary_cores: float = 64.0
    #: Bytes per second that its log volume and its standbys sustain for hours.
    primary_log_mib: float = 250.0
    #: How many people one cell may have: whom an incident or a failed upgrade can reach.
    cell_participants: float = 2_000_000.0
    #: Lessons of a day, as hours with as many connected participants as at the peak.
    peak_hours: float = 5.0
    session_hours: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What the peak costs: all participants send heartbeats, and those of a lesson connect."""

    participants: int
    heartbeats: float
    gateway_cores: float
    socket_cores: float
    service_cores: float
    postgres_cores: float
    log_mib: float
    disk_gib_per_day: float
    memory_gib: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Machines:
    """What carries a load. A cell is one database with everything in front of it."""

    cells: int
    gateways: int
    presence_sockets: int
    tracking_services: int
    databases: int
    machines: int


def load_of(participants: int, costs: Costs, assumptions: Assumptions) -> Load:
    """Return what so many participants cost who are connected at once."""
    heartbeats = participants / assumptions.heartbeat_seconds
    connects = participants / assumptions.connecting_seconds
    by_socket = assumptions.socket_share
    sessions = participants / PARTICIPANTS_PER_SESSION * assumptions.peak_hours / assumptions.session_hours
    memory_of_socket = costs.socket_memory + costs.gateway_memory

    def cores(heartbeat: float, connect: float) -> float:
        return (heartbeats * heartbeat + connects * connect) / MICROSECONDS_PER_SECOND

    return Load(
        participants=participants,
        heartbeats=heartbeats,
        gateway_cores=by_socket * cores(costs.gateway_heartbeat, costs.gateway_connect),
        socket_cores=by_socket * cores(costs.socket_heartbeat, costs.socket_connect),
        service_cores=cores(costs.service_heartbeat, costs.service_connect),
        postgres_cores=cores(costs.postgres_heartbeat, costs.postgres_connect),
        log_mib=heartbeats * costs.log_heartbeat / BYTES_PER_MIB,
        disk_gib_per_day=sessions * costs.disk_session / BYTES_PER_GIB,
        memory_gib=by_socket * participants * memory_of_socket / KIB_PER_GIB,
    )


def machines_for(load: Load, assumptions: Assumptions) -> Machines:
    """Return the machines that carry a load."""
    cells = math.ceil(max(load.participants / assumptions.cell_participants, _primaries(load, assumptions)))
    sockets = _processes(load.socket_cores, cells, assumptions)
    tracking = _processes(load.service_cores, cells, assumptions)
    cores_of_machine = assumptions.utilisation * assumptions.machine_cores
    gateways = max(math.ceil(load.gateway_cores / cores_of_machine), MIN_REPLICAS * cells)
    # Gateways, presence sockets and tracking services of a cell share its machines.
    shared = math.ceil((load.gateway_cores + load.socket_cores + load.service_cores) / cores_of_machine)
    databases = DATABASE_MACHINES_PER_CELL * cells
    return Machines(
        cells=cells,
        gateways=gateways,
        presence_sockets=sockets,
        tracking_services=tracking,
        databases=databases,
        machines=max(shared, MIN_REPLICAS * cells) + databases,
    )


def max_of_one_primary(costs: Costs, assumptions: Assumptions) -> int:
    """Return how many participants one primary can serve; for more, there are several cells or databases."""
    million = load_of(1_000_000, costs, assumptions)
    return int(million.participants / _primaries(million, assumptions))


def render(costs: Costs, assumptions: Assumptions) -> str:
    """Return the tables, and the number of participants above which one primary is not enough."""
    loads = [load_of(participants, costs, assumptions) for participants in PARTICIPANTS]
    return "\n\n".join(
        (
            render_table(LOAD_HEADER, [_load_row(load) for load in loads]),
            render_table(MACHINES_HEADER, [_machines_row(load, assumptions) for load in loads]),
            f"One primary can serve {max_of_one_primary(costs, assumptions):,} connected participants.",
        )
    )


def main() -> None:
    """Print the tables."""
    arguments = vars(_parser().parse_args())
    costs = Costs(**{name: arguments[name] for name in Costs.__dataclass_fields__})
    assumptions = Assumptions(**{name: arguments[name] for name in Assumptions.__dataclass_fields__})
    print(render(costs, assumptions))


def _primaries(load: Load, assumptions: Assumptions) -> float:
    """Return how many primaries a load fills, as a fraction: by their cores or by their log."""
    by_processor = load.postgres_cores / (assumptions.utilisation * assumptions.primary_cores)
    return max(by_processor, load.log_mib / assumptions.primary_log_mib)


def _processes(cores: float, cells: int, assumptions: Assumptions) -> int:
    # A Python process uses at most one core.
    return max(math.ceil(cores / assumptions.utilisation), MIN_REPLICAS * cells)


def _load_row(load: Load) -> tuple[str, ...]:
    return (
        f"{load.participants:,}",
        f"{load.heartbeats:,.0f}",
        f"{load.gateway_cores:,.2f}",
        f"{load.socket_cores:,.2f}",
        f"{load.service_cores:,.2f}",
        f"{load.postgres_cores:,.2f}",
        f"{load.log_mib:,.2f}",
        f"{load.disk_gib_per_day:,.2f}",
    )


def _machines_row(load: Load, assumptions: Assumptions) -> tuple[str, ...]:
    needed = machines_for(load, assumptions)
    price = needed.machines * assumptions.machine_price
    return (
        f"{load.participants:,}",
        f"{needed.cells:,}",
        f"{needed.gateways:,}",
        f"{needed.presence_sockets:,}",
        f"{needed.tracking_services:,}",
        f"{load.memory_gib:,.1f}",
        f"{needed.machines:,}",
        f"{needed.databases:,}",
        f"{price:,.0f}" if price else "-",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in Costs.__dataclass_fields__:
        parser.add_argument(_option(name), type=_positive, required=True, help="measured")
    for name in Assumptions.__dataclass_fields__:
        default = getattr(Assumptions(), name)
        number = _not_negative if name in _MAY_BE_ZERO else _positive
        parser.add_argument(_option(name), type=number, default=default, help=f"assumed ({default:g})")
    return parser


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _not_negative(text: str) -> float:
    return 0.0 if float(text) == 0 else _positive(text)


if __name__ == "__main__":
    main()
