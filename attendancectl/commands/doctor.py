"""Look for what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DBAPIError

from attendancectl.doctor.certificates import certificate_findings
from attendancectl.doctor.database import database_findings
from attendancectl.doctor.findings import Finding, Level, failed, skipped
from attendancectl.doctor.keys import key_findings
from attendancectl.doctor.privileges import migration_findings, role_findings
from attendancectl.doctor.reachability import reachability_findings
from attendancectl.doctor.settings import settings_findings
from attendancectl.options import DONE, FOUND, AsJson
from attendancectl.output import console, print_json
from attendancectl.settings import OperatorSettings
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable

EXAMPLE = "attendancectl doctor"
_STYLES = {Level.OK: "green", Level.SKIPPED: "dim", Level.WARNING: "yellow", Level.FAILED: "bold red"}


def run(*, as_json: AsJson = False) -> None:
    """Look for what is wrong: a line for each thing that was looked at, and what to do about it.

    It looks at the settings of the environment, keys, certificates, the database, its roles and migrations, who answers
    where it should, and the clocks. It changes nothing. Run it where a service runs, so that it sees what that sees.
    Exit status: 0 nothing has failed, 1 something has.
    """
    found: list[Finding] = []
    terminal = console()
    for finding in _findings():
        found.append(finding)
        if not as_json:
            _show(finding, terminal)
    counts = Counter(finding.level for finding in found)
    if as_json:
        print_json({"findings": [finding._asdict() for finding in found], "failed": counts[Level.FAILED]})
    else:
        terminal.print(f"\n{counts[Level.FAILED]} failed, {counts[Level.WARNING]} warnings, {counts[Level.OK]} ok.")
    raise typer.Exit(FOUND if counts[Level.FAILED] else DONE)


def _findings() -> Iterator[Finding]:
    yield from settings_findings()
    yield from key_findings()
    yield from certificate_findings()
    try:
        settings = OperatorSettings()
    except ValidationError:
        yield skipped("the rest", "the settings of TLS and of the gateway's probe have to be valid first")
        return
    yield from _database_findings(settings)
    yield from reachability_findings(settings)


def _database_findings(settings: OperatorSettings) -> Iterator[Finding]:
    url = settings.database_url.get_secret_value()
    if not url:
        yield skipped("database", "DATABASE_URL is not set here")
        return
    database = Database(url, role="", application="attendancectl doctor", pool_size=1)
    try:
        with database.transaction() as connection:
            yield from database_findings(connection)
            yield from migration_findings(connection)
            yield from role_findings(connection, settings)
    except StorageUnavailable as error:
        yield failed("database", _cause(error.__cause__), "start PostgreSQL, or correct DATABASE_URL")
    except DBAPIError as error:
        yield failed("database", _cause(error), "let the tables' owner run this, or correct DATABASE_URL")
    finally:
        database.dispose()


def _cause(error: BaseException | None) -> str:
    """Return PostgreSQL's words; they name hosts and users, and no passwords."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return " ".join(said.split())


def _show(finding: Finding, terminal: Console) -> None:
    style = _STYLES[finding.level]
    terminal.print(f"[{style}]{finding.level:<8}[/] {escape(finding.check)}: {escape(finding.found)}")
    if finding.next_step:
        terminal.print(f"         [bold]next:[/] {escape(finding.next_step)}")
