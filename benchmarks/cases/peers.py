"""This service beside other systems that record signs of life, each with what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from benchmarks.cases.throughput import SECONDS
from benchmarks.environment import Environment
from benchmarks.measurement import Options, Rounds, interleaved
from benchmarks.peers import etcd, postgres, redis, replaced_system, this_service
from benchmarks.peers.peer import Peer, PeerSize
from benchmarks.report import Check, Report, at_least, at_most
from benchmarks.targets import CLIENT, POSTGRES, SERVER

PARTICIPANTS = 100_000
WATCHED = 5_000
HEADER = (
    *(
        "",
        "heartbeats/s",
        "spread",
        "in flight",
        "p50 ms",
        "p99 ms",
        "server us",
        "PostgreSQL us",
        "together us",
        "client us",
    ),
    *("log B", "durable", "exact", "writes"),
)
_FIGURES = 10
_NOTES = (
    "together us: processor time of the servers per heartbeat; log B: bytes of log per heartbeat, where there is one",
    "durable: on the disk before the answer; Redis with appendfsync always, PostgreSQL with fsync",
    "exact: a heartbeat that is late or sent again changes nothing, and only participants of a session have any",
    "in flight: as many are always unanswered, so p50 and p99 say how long it takes to answer so many",
    f"{etcd.NAME}: kept in the leader's memory; after its end every lease gets its whole time again",
)


def run(environment: Environment, options: Options) -> Report:
    """Measure everything that is installed in turns."""
    size = PeerSize(
        participants=options.scaled(PARTICIPANTS, at_least=redis.PIPELINE),
        watched=options.scaled(WATCHED, at_least=redis.PIPELINE),
    )
    everything = peers(size)
    with ExitStack() as stack:
        targets = [stack.enter_context(peer.start(environment, peer.name)) for peer in everything if peer.is_installed]
        rounds = interleaved(targets, rounds=options.rounds, seconds=options.duration(SECONDS), log=environment.log)
    return report(size, everything, rounds)


def report(size: PeerSize, everything: Sequence[Peer], rounds: Mapping[str, Rounds]) -> Report:
    """Return a row for each peer; of one that was not measured, a note says why."""
    return Report(
        title=(
            f"Peers: {size.participants:,} participants ({size.watched:,} for leases, single messages and the "
            "replaced system)"
        ),
        header=HEADER,
        rows=[_row(peer, rounds.get(peer.name)) for peer in everything],
        checks=_checks(rounds),
        notes=(*_absences(everything, rounds), *_NOTES),
    )


def peers(size: PeerSize) -> list[Peer]:
    """Return all peers, and this service."""
    modules = (redis, etcd, postgres, replaced_system, this_service)
    return [peer for module in modules for peer in module.peers(size)]


def _absences(everything: Sequence[Peer], rounds: Mapping[str, Rounds]) -> list[str]:
    """Say of everything that can't be measured why, and what helps."""
    return [
        peer.requirement.absence(peer.name)
        for peer in everything
        if peer.requirement is not None and peer.name not in rounds
    ]


def _checks(rounds: Mapping[str, Rounds]) -> list[Check]:
    ours = rounds[this_service.BATCHES]
    checks = [
        at_most("servers per heartbeat in batches", ours.cost(SERVER) + ours.cost(POSTGRES), 3, unit=" us", digits=1)
    ]
    if redis.PIPELINED in rounds:
        checks.append(at_least(f"of {redis.PIPELINED}", ours.rate / rounds[redis.PIPELINED].rate, 0.9, digits=2))
    return checks


def _row(peer: Peer, measured: Rounds | None) -> tuple[str, ...]:
    promise = (peer.promise.durable, peer.promise.exact, peer.promise.writes)
    if measured is None:
        return (peer.name, "not installed", *["-"] * (_FIGURES - 1), *promise)
    server, database, client = (measured.cost(process) for process in (SERVER, POSTGRES, CLIENT))
    costs = (server, database, server + database, client)
    return (
        peer.name,
        f"{measured.rate:,.0f}",
        measured.spread,
        f"{peer.in_flight:,}",
        f"{measured.median_of(lambda delivered: delivered.latency_p50):.1f}",
        f"{measured.median_of(lambda delivered: delivered.latency_p99):.1f}",
        *(f"{cost:.2f}" if cost else "-" for cost in costs),
        f"{measured.log_bytes_per_event:.0f}" if measured.log_bytes_per_event else "-",
        *promise,
    )
