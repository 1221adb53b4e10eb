"""etcd: a lease for each participant, which a heartbeat keeps alive over a stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.environment import Environment
from benchmarks.load.lease_load import LeasePlan
from benchmarks.load.messages import Ready
from benchmarks.measurement import Target
from benchmarks.peers.peer import Peer, PeerSize, Promise, running_program
from benchmarks.requirement import ETCD
from benchmarks.targets import CLIENT, SERVER, RunTarget
from testkit.ports import HOST, free_port

NAME = "etcd leases"
STREAMS = 8
#: Unanswered on a stream, as with Redis' pipelines.
WINDOW = 100


def peers(size: PeerSize) -> list[Peer]:
    """Return etcd."""
    # A lease that is kept alive is not written: a new leader gives every lease its whole time again.
    promise = Promise(durable="no", exact="no", writes="nothing")
    start = partial(_running, leases=size.watched)
    return [Peer(name=NAME, promise=promise, in_flight=STREAMS * WINDOW, requirement=ETCD, start=start)]


@contextmanager
def _running(environment: Environment, name: str, *, leases: int) -> Iterator[Target]:
    directory, port = environment.new_directory("etcd"), free_port()
    clients, members = f"http://{HOST}:{port}", f"http://{HOST}:{free_port()}"
    command = ["etcd", "--data-dir", str(directory / "data"), "--log-level", "error"]
    command += ["--listen-client-urls", clients, "--advertise-client-urls", clients]
    command += ["--listen-peer-urls", members, "--initial-advertise-peer-urls", members]
    command += ["--initial-cluster", f"default={members}"]
    plan = LeasePlan(address=f"{HOST}:{port}", leases=leases, streams=STREAMS, window=WINDOW)
    with (
        running_program(command, directory / "etcd.log", port) as server,
        environment.child("benchmarks.load.lease_load") as load,
    ):
        environment.log(f"{name}: {leases:,} leases are granted")
        load.request(plan, Ready)
        yield RunTarget(name=name, child=load, processes={SERVER: server, CLIENT: load.process})
