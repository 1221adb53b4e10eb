"""This service beside the others: over streams, in batches and one heartbeat per message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks import targets
from benchmarks.environment import Environment
from benchmarks.measurement import Target
from benchmarks.peers.peer import Logged, Peer, PeerSize, Promise
from benchmarks.targets import LoadShape

BATCHES, SINGLE = "this service, batches of 100", "this service, one per message"
STREAMS = 8
#: A stream may have this share of the participants unacknowledged; all streams together have some of them.
WINDOWS = 10
BATCH_SIZE = 100
_PROMISE = Promise(durable="yes", exact="yes", writes="an append, then two rows")


def peers(size: PeerSize) -> list[Peer]:
    """Return both ways."""
    return [_peer(BATCHES, _shape(size.participants, BATCH_SIZE)), _peer(SINGLE, _shape(size.watched, 1))]


def _shape(participants: int, heartbeats_per_message: int) -> LoadShape:
    return LoadShape(
        streams=STREAMS,
        sessions=max(participants // 2, STREAMS),
        heartbeats_per_message=heartbeats_per_message,
        # No two heartbeats of a participant are in flight, which would be merged.
        window=max(participants // WINDOWS, heartbeats_per_message),
    )


def _peer(name: str, shape: LoadShape) -> Peer:
    in_flight = shape.streams * shape.window
    return Peer(
        name=name, promise=_PROMISE, in_flight=in_flight, requirement=None, start=partial(_running, shape=shape)
    )


@contextmanager
def _running(environment: Environment, name: str, *, shape: LoadShape) -> Iterator[Target]:
    with (
        environment.database(shape.sessions) as database,
        targets.streams(environment, database, shape, name=name) as target,
    ):
        yield Logged(target, environment.log_bytes)
