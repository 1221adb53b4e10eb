"""What a changed row costs the write-ahead log, and whether updates stay in their pages (HOT)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Any

from benchmarks.cases import batches
from benchmarks.cases.comparison import SECONDS
from benchmarks.load.messages import Beat, Delivered, Join, Message
from benchmarks.options import Options
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import Shape
from benchmarks.workbench import Workbench
from development.postgres import EmbeddedPostgres
from testkit.postgres import execute, query

#: Slow enough that no two heartbeats of a person fold into one.
BEATS_PER_SECOND = 30_000
#: Seconds in which one checkpoint comes (checkpoint_timeout), and everybody's heartbeat.
CHECKPOINT_SECONDS = 900
HEARTBEAT_SECONDS = 15

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
    """Changed rows of one table."""

    rows: int
    hot: int

    def since(self, earlier: Updates) -> Updates:
        """Return what came after."""
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


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    shape = batches.shape(options)
    with workbench.database(shape.sessions) as database:
        _served(workbench, database, shape, Join())
        execute(database, "CHECKPOINT")
        before, start = _updates(database), _position(workbench.server)
        cycle_seconds = shape.people / options.scaled(BEATS_PER_SECOND)
        delivered = _served(
            workbench, database, shape, Beat(seconds=options.duration(SECONDS), cycle_seconds=cycle_seconds)
        )
        log = _log_since(workbench.server, start)
        after = _updates(database)
    changed = {table: after[table].since(before[table]) for table in after}
    everything = Updates(
        rows=sum(updates.rows for updates in changed.values()), hot=sum(updates.hot for updates in changed.values())
    )
    in_full = log.full_pages / shape.people
    rows_per_checkpoint = CHECKPOINT_SECONDS / HEARTBEAT_SECONDS * everything.rows / delivered.events
    records = log.records / everything.rows
    steady = records + in_full / rows_per_checkpoint
    return Report(
        title=f"Write-ahead log: {shape.people:,} people, from a checkpoint on",
        header=("", "per beat", "HOT %"),
        rows=[
            *(
                (f"rows of {table}", f"{updates.rows / delivered.events:.3f}", f"{updates.hot_share:.1f}")
                for table, updates in changed.items()
            ),
            ("bytes of records", f"{log.records / delivered.events:.0f}", ""),
            ("bytes of full pages, in this run", f"{log.full_pages / delivered.events:.0f}", ""),
            ("bytes of full pages, per person and checkpoint", f"{in_full:.0f}", ""),
        ],
        checks=(
            at_most("WAL per changed row, without full pages", records, 250, unit=" B"),
            at_most("WAL per changed row, with full pages of a checkpoint each 15 min", steady, 250, unit=" B"),
            at_least("HOT updates", everything.hot_share, 95, unit=" %", digits=1),
        ),
        notes=(
            "after a checkpoint each page is logged in full when it first changes; this run pays for all of them",
            f"{rows_per_checkpoint:.0f} changed rows of each person share that between two checkpoints",
        ),
    )


def _served(workbench: Workbench, database: str, shape: Shape, order: Message) -> Delivered:
    """Run the service for one order; its counts are complete once its connections are closed."""
    with workbench.service(database) as service, workbench.load(shape.plan(service.address)) as load:
        workbench.say(str(order))
        return load.ask(order, Delivered)


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
