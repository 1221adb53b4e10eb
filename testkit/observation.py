"""Rows of coverage and outages for tests, as replicas would have recorded them in the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from testkit.facts import fold
from testkit.postgres import execute

#: Every table that holds times of facts, with its columns of times.
_TIMES = {
    "presence_intervals": ("started_at", "ended_at", "last_sign_at"),
    "connection_events": ("occurred_at",),
    "observation_coverage": ("started_at", "observed_until"),
    "relay_coverage": ("observing_since", "observed_until"),
    "heartbeat_streams": ("opened_at", "last_used_at", "last_committed_at"),
}


def cover(url: str, since: datetime, until: datetime, *, replica_id: UUID | None = None) -> None:
    """Record that a replica took events from one time to another; None: another one each time."""
    execute(url, f"INSERT INTO observation_coverage VALUES ('{replica_id or uuid4()}', '{since}', '{until}')")  # noqa: S608


def age_records(url: str, duration: timedelta) -> None:
    """Make all records older by this duration; no service may run meanwhile. `url` must be the tables' owner's."""
    # What is in the journal has its times in bytes.
    fold(url)
    for table, columns in _TIMES.items():
        moved = ", ".join(f"{column} = {column} - interval '{duration.total_seconds()} s'" for column in columns)
        # Only the owner can switch off the trigger of an append-only table.
        execute(
            url,
            "ALTER TABLE connection_events DISABLE TRIGGER connection_events_append_only; "  # noqa: S608
            f"UPDATE {table} SET {moved}; "
            "ALTER TABLE connection_events ENABLE ALWAYS TRIGGER connection_events_append_only",
        )
