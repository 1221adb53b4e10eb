"""session_groups: how far each group of sessions is folded, and the lock under which its facts are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection, Row

from servicekit.database import arrays

_READ_SQL = """
    SELECT session_group, positions, folded_at, clock_timestamp() AS now
    FROM session_groups
    WHERE session_group = ANY (CAST(:groups AS smallint[]))
    ORDER BY session_group
"""
_READ = text(_READ_SQL)
_LOCK = text(f"{_READ_SQL} FOR UPDATE")
_LOCK_FREE = text(f"{_READ_SQL} FOR UPDATE SKIP LOCKED")

_MOVE = text("""
    UPDATE session_groups AS known
    SET positions = CAST(moved.positions AS jsonb), folded_at = GREATEST(CAST(:folded_at AS timestamptz), folded_at)
    FROM unnest(CAST(:groups AS smallint[]), CAST(:positions AS text[])) AS moved (session_group, positions)
    WHERE known.session_group = moved.session_group
""")

_HAS_NO_WRITER = "NOT EXISTS (SELECT FROM journal_writers WHERE writer_id = CAST(writer AS integer))"

_WITH_FORGOTTEN_WRITERS = text(f"""
    SELECT session_group FROM session_groups
    WHERE EXISTS (SELECT FROM jsonb_object_keys(positions) AS writer WHERE {_HAS_NO_WRITER})
""")  # noqa: S608 - a constant

_FORGET_WRITERS = text(f"""
    UPDATE session_groups
    SET positions = positions - ARRAY(SELECT writer FROM jsonb_object_keys(positions) AS writer WHERE {_HAS_NO_WRITER})
    WHERE session_group = ANY (CAST(:groups AS smallint[]))
""")  # noqa: S608 - a constant


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


def read(connection: Connection, groups: Iterable[int]) -> ReadGroups:
    """Return how far groups are folded; there is one at least."""
    rows = connection.execute(_READ, _chosen(groups)).all()
    return ReadGroups(_groups(rows), rows[0].now)


def lock(connection: Connection, groups: Iterable[int], *, skip_locked: bool = False) -> list[SessionGroup]:
    """Lock groups in their order, and return how far they are folded. Facts of a session are written under its lock.

    With `skip_locked`, groups that another transaction has locked are left out.
    """
    return _groups(connection.execute(_LOCK_FREE if skip_locked else _LOCK, _chosen(groups)).all())


def move(connection: Connection, groups: Sequence[SessionGroup], *, folded_at: datetime | None) -> None:
    """Write the positions of groups that are locked; `folded_at` None leaves the times as they are."""
    parameters = {
        "groups": arrays.numbers(group.number for group in groups),
        "positions": [json.dumps(group.positions) for group in groups],
        "folded_at": folded_at,
    }
    connection.execute(_MOVE, parameters)


def forget_writers(connection: Connection) -> None:
    """Leave out the positions of writers that are deleted."""
    groups = list(connection.execute(_WITH_FORGOTTEN_WRITERS).scalars())
    if groups:
        # Nobody folds now what a writer appended that is registered meanwhile, and that the update would not see.
        lock(connection, groups)
        connection.execute(_FORGET_WRITERS, _chosen(groups))


def _chosen(groups: Iterable[int]) -> dict[str, str]:
    return {"groups": arrays.numbers(sorted(set(groups)))}


def _groups(rows: Iterable[Row[Any]]) -> list[SessionGroup]:
    return [
        SessionGroup(
            row.session_group,
            {int(writer): Position(*numbers) for writer, numbers in row.positions.items()},
            row.folded_at,
        )
        for row in rows
    ]
