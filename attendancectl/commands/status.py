"""Say how the whole runs at the moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from attendance_service import overview as attendance
from attendancectl.doctor.findings import Level
from attendancectl.doctor.privileges import migration_findings
from attendancectl.doctor.reachability import reachability_findings
from attendancectl.options import DONE, FOUND, AsJson, refuse
from attendancectl.output import console, print_json
from attendancectl.settings import OperatorSettings
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.settings import load
from tracking_service import overview as tracking

EXAMPLE = "attendancectl status --every 2"
#: Documented columns follow within a minute (docs/streams.md#folding).
MAX_FOLDING_LAG_SECONDS = 60.0
_VERSIONS = text("""
    SELECT current_setting('server_version') AS postgresql, pg_postmaster_start_time() AS postgresql_started_at,
        pg_database_size(current_database()) AS database_bytes
""")
_PARTS: dict[str, Callable[[Connection], dict[str, Any]]] = {
    "tracking": tracking.read_overview,
    "attendance": attendance.read_overview,
}


def run(
    *,
    every: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.5, help="Show it again and again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how the whole runs: health, versions, streams, folding, coverage, lessons and claims that wait.

    Health is what the processes answer; the rest is what DATABASE_URL may read, as a service's login its own part.
    docs/attendancectl.md#status explains the numbers. Exit status: 0 all is well, 1 something is not, 2 not known.
    """
    settings = load(OperatorSettings)
    if as_json or every is None:
        found = _read(settings)
        if as_json:
            print_json(found)
        else:
            console().print(_shown(found))
        raise typer.Exit(FOUND if found["troubles"] else DONE)
    with Live(console=console(), screen=False, auto_refresh=False) as live:
        while True:
            live.update(_shown(_read(settings)), refresh=True)
            time.sleep(every)


def _read(settings: OperatorSettings) -> dict[str, Any]:
    health = {
        finding.check: {"level": finding.level, "says": finding.found} for finding in reachability_findings(settings)
    }
    parts = _from_database(settings)
    troubles = [name for name, said in health.items() if said["level"] == Level.FAILED]
    facts = parts.get("tracking", {})
    if facts.get("folding_lag_seconds", 0.0) > MAX_FOLDING_LAG_SECONDS:
        troubles.append("folding is behind")
    if facts and not facts["replicas"]:
        troubles.append("no tracking service takes events")
    return {"troubles": troubles, "health": health, **parts}


def _from_database(settings: OperatorSettings) -> dict[str, Any]:
    url = settings.database_url.get_secret_value()
    if not url:
        refuse("DATABASE_URL is not set: set it to a login of a service, or of the tables' owner.")
    database = Database(url, role="", application="attendancectl status", pool_size=1)
    try:
        with database.transaction() as connection:
            versions = dict(connection.execute(_VERSIONS).mappings().one())
            versions |= {finding.check: finding.found for finding in migration_findings(connection)}
        parts = {name: found for name, read in _PARTS.items() if (found := _readable(database, read)) is not None}
    except StorageUnavailable as error:
        refuse(f"The database can't be reached: {error.__cause__}\nRun `attendancectl doctor`, which says what to do.")
    finally:
        database.dispose()
    return {"versions": versions, **parts}


def _readable(database: Database, read: Callable[[Connection], dict[str, Any]]) -> dict[str, Any] | None:
    """Return what this login may read; None if it may not, or if there are no such tables."""
    try:
        with database.transaction() as connection:
            return read(connection)
    except DBAPIError:
        return None


def _shown(found: dict[str, Any]) -> Group:
    table = Table(show_header=False, box=None, pad_edge=False)
    for part, values in found.items():
        if part == "troubles":
            continue
        table.add_row(f"[bold]{part}[/]", "")
        for name, value in values.items():
            table.add_row(f"  {name.replace('_', ' ')}", _value(value))
    said = ", ".join(found["troubles"])
    return Group(table, f"\n[bold red]{said}[/]" if said else "\n[green]All is well.[/]")


def _value(value: object) -> str:
    match value:
        case {"level": level, "says": says}:
            return f"{level}: {says}"
        case float():
            return f"{value:.1f}"
        case None:
            return "-"
        case _:
            return str(value)
