"""Coverage and outages for tests, as rows: what replicas would have recorded in the past."""

from __future__ import annotations

from datetime import datetime, timedelta

from testkit.postgres import execute

#: Every table that holds moments of facts, with its columns of moments.
_MOMENTS = {
    "presence_intervals": ("started_at", "ended_at", "last_sign_at"),
    "connection_events": ("occurred_at",),
    "observation_coverage": ("started_at", "observed_until"),
    "heartbeat_streams": ("opened_at", "last_used_at", "last_committed_at"),
}


def cover(url: str, since: datetime, until: datetime) -> None:
    """Record that some replica took events from one moment to another."""
    execute(url, f"INSERT INTO observation_coverage VALUES (gen_random_uuid(), '{since}', '{until}')")  # noqa: S608


def time_passes(url: str, duration: timedelta) -> None:
    """Let what is recorded be so much older; nothing may be running meanwhile."""
    for table, columns in _MOMENTS.items():
        moved = ", ".join(f"{column} = {column} - interval '{duration.total_seconds()} s'" for column in columns)
        execute(url, f"UPDATE {table} SET {moved}")  # noqa: S608
