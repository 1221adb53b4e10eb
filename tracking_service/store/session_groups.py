"""session_groups: how far each group of sessions is folded, and the lock under which its facts are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.database import arrays
from tracking_service.domain.grouping import UNDIVIDED, Grouping
from tracking_service.store.shards import grouping_of

# A row has the id of a session of its group, so it is in the same shard as the facts that are written with it. In one
# PostgreSQL that is the number of the group itself.
_READ_SQL = """
    SELECT session_group, positions, folded_at, clock_timestamp() AS now
    FROM session_groups
    WHERE session_group = ANY (CAST(:anchors AS integer[]))
    ORDER BY session_group
"""
_READ = text(_READ_SQL)
_LOCK = text(f"{_READ_SQL} FOR UPDATE")
_LOCK_FREE = text(f"{_READ_SQL} FOR UPDATE SKIP LOCKED")
_NOW = text("SELECT clock_timestamp()")

_MOVE = text("""
    UPDATE session_groups AS known
    SET positions = CAST(moved.positions AS jsonb), folded_at = GREATEST(CAST(:folded_at AS timestamptz), folded_at)
    FROM unnest(CAST(:anchors AS integer[]), CAST(:positions AS text[])) AS moved (anchor, positions)
    WHERE known.session_group = moved.anchor AND known.session_group = ANY (CAST(:anchors AS integer[]))
""")

_FORGET_WRITERS = text("""
    UPDATE session_groups SET positions = positions - CAST(:writers AS text[])
    WHERE session_group = ANY (CAST(:anchors AS integer[]))
""")

_WRITERS = text("SELECT writer_id FROM journal_writers")


class Position(NamedTuple):
    """Up to which number a writer's records are folded."""

    #: Connects, disconnects and activity, each exactly once.
    events: int
    #: Plain heartbeats: to fold one twice changes nothing.
    heartbeats: int


NOTHING = Position(0, 0)


class SessionGroup(NamedTuple):
    """How far a group is folded."""

    number: int
    #: By writer.
    positions: dict[int, Position]
    #: Everything that was appended before is folded.
    folded_at: datetime


class ReadGroups(NamedTuple):
    """Some groups, at a time."""

    groups: Sequence[SessionGroup]
    now: datetime
    grouping: Grouping = UNDIVIDED


def time(connection: Connection) -> datetime:
    """Return the time of the server that has the journal."""
    now: datetime = connection.execute(_NOW).scalar_one()
    return now


def read(connection: Connection, groups: Iterable[int]) -> ReadGroups:
    """Return how far groups are folded; there is one at least."""
    grouping = grouping_of(connection)
    # Else it would be the time of a worker, whose clock may differ.
    now = time(connection) if grouping.is_distributed else None
    rows = connection.execute(_READ, _chosen(grouping, groups)).all()
    return ReadGroups(_groups(grouping, rows), now or rows[0].now, grouping)


def lock(connection: Connection, groups: Iterable[int], *, skip_locked: bool = False) -> list[SessionGroup]:
    """Lock groups of one shard in their order, and return how far they are folded.

    Facts of a session are written under its group's lock. With `skip_locked`, groups that another transaction has
    locked are left out.
    """
    grouping = grouping_of(connection)
    return _groups(grouping, connection.execute(_LOCK_FREE if skip_locked else _LOCK, _chosen(grouping, groups)).all())


def move(connection: Connection, groups: Sequence[SessionGroup], *, folded_at: datetime | None) -> None:
    """Write the positions of groups that are locked; `folded_at` None leaves the times as they are."""
    if not groups:
        return
    grouping = grouping_of(connection)
    parameters = {
        "anchors": arrays.numbers(grouping.anchor(group.number) for group in groups),
        "positions": [json.dumps(group.positions) for group in groups],
        "folded_at": folded_at,
    }
    connection.execute(_MOVE, parameters)


def forget_writers(connection: Connection, groups: Iterable[int]) -> None:
    """Leave out the positions of writers that are deleted, of groups of one shard."""
    known = read(connection, groups).groups
    # Read after the positions: so a writer that is registered meanwhile is not taken for a deleted one.
    writers = set(connection.execute(_WRITERS).scalars())
    gone = {group.number: group.positions.keys() - writers for group in known}
    names = {str(writer) for own in gone.values() for writer in own}
    if names:
        parameters = _chosen(grouping_of(connection), [number for number, own in gone.items() if own])
        connection.execute(_FORGET_WRITERS, {**parameters, "writers": arrays.texts(names)})


def _chosen(grouping: Grouping, groups: Iterable[int]) -> dict[str, str]:
    return {"anchors": arrays.numbers(sorted(map(grouping.anchor, set(groups))))}


def _groups(grouping: Grouping, rows: Iterable[Row[Any]]) -> list[SessionGroup]:
    found = [
        SessionGroup(
            grouping.group_of_anchor(row.session_group),
            {int(writer): Position(*numbers) for writer, numbers in row.positions.items()},
            row.folded_at,
        )
        for row in rows
    ]
    return found if not grouping.is_distributed else sorted(found, key=lambda group: group.number)
