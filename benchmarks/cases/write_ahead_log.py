"""Bytes of the write-ahead log (WAL) per changed row, and whether updates stay in their pages (HOT)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Any

from benchmarks.cases.throughput import SECONDS, batch_shape
from benchmarks.environment import Environment
from benchmarks.load.messages import Connect, Delivered, Message, SendHeartbeats
from benchmarks.measurement import Options
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import LoadShape
from development.postgres import EmbeddedPostgres
from testkit.postgres import execute, query

#: Slow enough that no two heartbeats of a participant are merged into one write.
HEARTBEATS_PER_SECOND = 30_000
#: Between two checkpoints (checkpoint_timeout), and between two heartbeats of a participant.
CHECKPOINT_SECONDS = 900
HEARTBEAT_SECONDS = 15
WRITTEN = "log written, in bytes, with full pages of a checkpoint each 15 min"

_UPDATES = """
    -- Rows changed so far, and how many of them stayed in their page.
    SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
    WHERE relname IN ('presence_intervals', 'whiteboard_sessions', 'heartbeat_streams') ORDER BY relname
"""
_POSITION = "SELECT pg_current_wal_lsn(), current_setting('data_directory')"
#: `pg_waldump --stats`: Total, number of records, bytes of records, bytes of full pages.
_TOTAL = re.compile(r"^Total +\d+ +(\d+) \[[\d.]+%\] +(\d+) ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Updates:
    """Updated rows of one table, and how many of the updates were HOT."""

    rows: int
    hot: int

    def since(self, earlier: Updates) -> Updates:
        """Return the updates after an earlier count."""
        return Updates(rows=self.rows - earlier.rows, hot=self.hot - earlier.hot)

    @property
    def hot_share(self) -> float:
        """In percent."""
        return 100 * self.hot / self.rows if self.rows else 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """Bytes of the write-ahead log."""

    records: int
    full_pages: int


def run(environment: Environment, options: Options) -> Report:
    """Measure the log of heartbeats that are sent right after a checkpoint."""
    shape = batch_shape(options)
    with environment.database(shape.sessions) as database:
        _with_service(environment, database, shape, Connect())
        execute(database, "CHECKPOINT")
        before, start = _updates(database), _position(environment.server)
        cycle_seconds = shape.participants / options.scaled(HEARTBEATS_PER_SECOND)
        delivered = _with_service(
            environment, database, shape, SendHeartbeats(seconds=options.duration(SECONDS), cycle_seconds=cycle_seconds)
        )
        log = _log_since(environment.server, start)
        after = _updates(database)
    changed = {table: after[table].since(before[table]) for table in after}
    total = Updates(
        rows=sum(updates.rows for updates in changed.values()), hot=sum(updates.hot for updates in changed.values())
    )
    full_page_bytes = log.full_pages / shape.participants
    rows_per_checkpoint = CHECKPOINT_SECONDS / HEARTBEAT_SECONDS * total.rows / delivered.events
    record_bytes = log.records / total.rows
    total_bytes = record_bytes + full_page_bytes / rows_per_checkpoint
    bytes_per_heartbeat = log.records / delivered.events + full_page_bytes * HEARTBEAT_SECONDS / CHECKPOINT_SECONDS
    return Report(
        title=f"Write-ahead log: {shape.participants:,} participants, from a checkpoint on",
        header=("", "per heartbeat", "HOT %"),
        rows=[
            *(
                (f"rows of {table}", f"{updates.rows / delivered.events:.3f}", f"{updates.hot_share:.1f}")
                for table, updates in changed.items()
            ),
            ("bytes of records", f"{log.records / delivered.events:.0f}", ""),
            ("bytes of full pages, in this run", f"{log.full_pages / delivered.events:.0f}", ""),
            ("bytes of full pages, per participant and checkpoint", f"{full_page_bytes:.0f}", ""),
            (WRITTEN, f"{bytes_per_heartbeat:.0f}", ""),
        ],
        checks=(
            at_most("WAL per changed row, without full pages", record_bytes, 250, unit=" B"),
            at_most("WAL per changed row, with full pages of a checkpoint each 15 min", total_bytes, 250, unit=" B"),
            at_most("log written per heartbeat", bytes_per_heartbeat, 60, unit=" B"),
            at_least("HOT updates", total.hot_share, 95, unit=" %", digits=1),
        ),
        notes=(
            "after a checkpoint each page is logged in full when it first changes, which this run does for all of them",
            f"{rows_per_checkpoint:.0f} changed rows of each participant share that between two checkpoints",
        ),
    )


def _with_service(environment: Environment, database: str, shape: LoadShape, request: Message) -> Delivered:
    """Run the service for one request; PostgreSQL's counts are complete once its connections are closed."""
    with environment.service(database) as service, environment.stream_load(shape.plan(service.address)) as load:
        environment.log(str(request))
        return load.request(request, Delivered)


def _updates(database: str) -> dict[str, Updates]:
    return {str(table): Updates(rows=_number(rows), hot=_number(hot)) for table, rows, hot in query(database, _UPDATES)}


def _number(value: Any) -> int:  # noqa: ANN401 - a column of a query
    return int(value)


def _position(server: EmbeddedPostgres) -> str:
    [(position, _)] = query(server.url(), _POSITION)
    return str(position)


def _log_since(server: EmbeddedPostgres, start: str) -> Log:
    [(end, directory)] = query(server.url(), _POSITION)
    command = [server.program("pg_waldump"), "--stats", "--path", f"{directory}/pg_wal", "--start", start]
    printed = subprocess.run([*command, "--end", str(end)], check=True, capture_output=True, text=True).stdout
    total = _TOTAL.search(printed)
    if total is None:
        raise RuntimeError(f"pg_waldump printed no total:\n{printed}")
    return Log(records=int(total[1]), full_pages=int(total[2]))
