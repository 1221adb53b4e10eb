"""The replaced system as it was built, with 64 requests in flight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.environment import Environment
from benchmarks.measurement import Target
from benchmarks.peers.peer import Logged, Peer, PeerSize, Promise
from benchmarks.requirement import FASTAPI
from benchmarks.targets import AS_BUILT, IN_FLIGHT, replaced_system


def peers(size: PeerSize) -> list[Peer]:
    """Return the replaced system."""
    promise = Promise(durable="yes", exact="no", writes="one row")
    start = partial(_running, sessions=max(size.watched, IN_FLIGHT))
    return [Peer(name=AS_BUILT, promise=promise, in_flight=IN_FLIGHT, requirement=FASTAPI, start=start)]


@contextmanager
def _running(environment: Environment, name: str, *, sessions: int) -> Iterator[Target]:
    with (
        environment.database(sessions) as database,
        replaced_system(environment, database, sessions, name) as target,
    ):
        yield Logged(target, environment.log_bytes)
