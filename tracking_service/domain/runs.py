"""The path of nearly every heartbeat: it moves the end of an open interval, and nothing else.

A plain heartbeat of the only open connection of a participant, within the presence timeout of the last sign of life,
extends the interval (DESIGN 5.2). PostgreSQL checks just that, for all participants of a flush in one statement, and
names those for whom it is not so: their heartbeats go the general way, through `tracking_service.domain.presence`.
Facts are a function of the set of events, so it does not matter that some of a flush are applied before others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import EventKind, Participant, PresenceEvent, UserType

#: PostgreSQL's integers are positive in 31 bits, so that a key fits into its bigint.
USER_ID_BITS = 31
USER_TYPE_BITS = 1
_USER_TYPES = (UserType.TUTOR, UserType.STUDENT)
USER_ID_MASK = (1 << USER_ID_BITS) - 1


class PlainHeartbeat(NamedTuple):
    """A heartbeat that is nothing but a sign of life."""

    sequence: int
    #: See `participant_key`.
    participant_key: int
    at: Instant
    connection_id: str


class Runs(NamedTuple):
    """Heartbeats of one connection each, every one within the timeout of the one before; as columns of equal length."""

    #: Ascending, each once: the order in which rows are locked, so that replicas do not deadlock.
    participant_keys: Sequence[int]
    first_at: Sequence[Instant]
    last_at: Sequence[Instant]
    connection_ids: Sequence[str]


class Run(NamedTuple):
    """One row of `Runs`."""

    participant_key: int
    first_at: Instant
    last_at: Instant
    connection_id: str


NO_RUNS = Runs((), (), (), ())


def participant_key(session_id: int, user_id: int, *, is_student: bool) -> int:
    """Return a participant as one number: it hashes fast, and sorts in the order in which rows are locked."""
    return ((session_id << USER_ID_BITS) | user_id) << USER_TYPE_BITS | is_student


def participant(key: int) -> Participant:
    """Return the participant of a key."""
    user = key >> USER_TYPE_BITS
    session_id = WhiteboardSessionId(user >> USER_ID_BITS)
    return Participant(session_id, UserId(user & USER_ID_MASK), _USER_TYPES[key & 1])


def as_event(heartbeat: PlainHeartbeat) -> PresenceEvent:
    """Return the heartbeat as an event like any other."""
    return PresenceEvent(
        participant(heartbeat.participant_key), EventKind.HEARTBEAT, heartbeat.at, heartbeat.connection_id
    )


def fold(heartbeats: Sequence[PlainHeartbeat], timeout: int) -> tuple[Runs, list[PlainHeartbeat]]:
    """Fold heartbeats into one run per participant; those that do not fit into it are returned beside.

    `timeout` is in microseconds.
    """
    # Within a flush hardly anybody beats twice; columns cost a third of what a run per heartbeat does.
    if heartbeats and len({heartbeat[1] for heartbeat in heartbeats}) == len(heartbeats):
        _, keys, moments, connection_ids = zip(*sorted(heartbeats, key=itemgetter(1)), strict=True)
        return Runs(keys, moments, moments, connection_ids), []
    return _fold_repeated(heartbeats, timeout)


def halved(runs: Runs) -> tuple[Runs, Runs]:
    """Divide runs by the parity of their sessions: no session is in both parts, and either may be empty."""
    odd = [key >> USER_ID_BITS + USER_TYPE_BITS & 1 for key in runs.participant_keys]
    return _selected(runs, [not is_odd for is_odd in odd]), _selected(runs, odd)


def of_participants(heartbeats: Iterable[PlainHeartbeat], keys: Collection[int]) -> list[PlainHeartbeat]:
    """Return the heartbeats of some participants."""
    return [heartbeat for heartbeat in heartbeats if heartbeat.participant_key in keys]


def _selected(runs: Runs, selectors: Sequence[int]) -> Runs:
    last_at = tuple(compress(runs.last_at, selectors))
    return Runs(
        tuple(compress(runs.participant_keys, selectors)),
        last_at if runs.first_at is runs.last_at else tuple(compress(runs.first_at, selectors)),
        last_at,
        tuple(compress(runs.connection_ids, selectors)),
    )


def _fold_repeated(heartbeats: Iterable[PlainHeartbeat], timeout: int) -> tuple[Runs, list[PlainHeartbeat]]:
    runs: dict[int, Run] = {}
    others: list[PlainHeartbeat] = []
    for heartbeat in heartbeats:
        _, key, at, connection_id = heartbeat
        run = runs.get(key)
        if run is None:
            runs[key] = Run(key, at, at, connection_id)
        elif run.first_at <= at <= run.last_at + timeout and run.connection_id == connection_id:
            if at > run.last_at:
                runs[key] = Run(key, run.first_at, at, connection_id)
        else:
            others.append(heartbeat)
    return (Runs(*zip(*sorted(runs.values()), strict=True)) if runs else NO_RUNS), others
