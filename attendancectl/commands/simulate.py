"""Let simulated people attend lessons on a running system."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import grpc
import typer
from rich.live import Live
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from attendancectl.options import AsJson, Yes, refuse
from attendancectl.output import print_json, progress_console
from attendancectl.settings import OperatorSettings
from attendancectl.simulation.load import Load, Progress, run_load
from attendancectl.simulation.people import Person
from attendancectl.tokens import signed_token
from heartbeat_relay import RelayError
from servicekit.auth.principal import SERVICE_ROLE
from servicekit.database.engine import Database
from servicekit.errors import StorageUnavailable
from servicekit.settings import load as load_settings
from servicekit.tls.certificates import TlsInvalid, read_authorities
from servicekit.tls.mutual import channel_credentials, read_identity
from tracking_service.simulation import JournalNotFolded, create_sessions, remove_sessions

EXAMPLE = "attendancectl simulate --people 200 --minutes 5 --closed-lids 2"
#: From here on users.id are numbers that no platform has given to anybody.
FIRST_USER: Final = 2_000_000_000
_SECONDS_PER_MINUTE: Final = 60
_PERCENT: Final = 100


class Through(StrEnum):
    """Which way the events go."""

    GATEWAY = "gateway"
    TRACKING = "tracking"


def run(
    *,
    people: Annotated[int, typer.Option(min=2, max=100_000, help="How many attend; two to a lesson.")] = 100,
    minutes: Annotated[float, typer.Option(min=0.01, help="How long it takes.")] = 1.0,
    interval: Annotated[
        float | None,
        typer.Option(min=0.05, metavar="SECONDS", help="Between heartbeats; default: the service's."),
    ] = None,
    closed_lids: Annotated[
        float, typer.Option(min=0, max=100, metavar="PERCENT", help="Heartbeats instead of which a lid closes.")
    ] = 0.0,
    leaves: Annotated[
        float, typer.Option(min=0, max=100, metavar="PERCENT", help="The same of people who close the page.")
    ] = 0.0,
    through: Annotated[Through, typer.Option(help="Which way the events go.")] = Through.TRACKING,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lessons and what was recorded of them.")] = False,
    clean_up: Annotated[bool, typer.Option("--clean-up", help="Only remove what earlier runs have left.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let simulated people attend lessons on a running system, and show how it goes.

    It writes whiteboard sessions of its own to DATABASE_URL (a login that may do that: the tables' owner), streams
    what their people do, and removes sessions and facts at the end. The journal has the events until it is emptied,
    and coverage of relays stays. On any other database than that of `make up` it asks first. Exit status: 0 everything
    was acknowledged, 1 something was rejected, 2 nothing was done or it broke off.
    """
    settings = load_settings(OperatorSettings)
    if not settings.database_url.get_secret_value():
        refuse("DATABASE_URL is not set: the lessons have to be written there.")
    if not (settings.is_demo or yes):
        _ask(people)
    with _connected(settings) as database:
        if clean_up:
            typer.echo(f"Removed {_removed(database)} simulated sessions.")
            return
        load = Load(
            target=settings.gateway_probe_address if through == Through.GATEWAY else settings.tracking_address,
            token=signed_token("attendancectl-simulate", SERVICE_ROLE, timedelta(minutes=minutes + 10)),
            credentials=_credentials(settings, through),
            people=_people(database, people),
            seconds=minutes * _SECONDS_PER_MINUTE,
            interval=interval,
            closes_lid=closed_lids / _PERCENT,
            leaves=leaves / _PERCENT,
        )
        progress = _run(load, database, keep=keep, quiet=as_json)
    if as_json:
        print_json(_result(progress))
    raise typer.Exit(1 if progress.rejections else 0)


def _ask(people: int) -> None:
    if not sys.stdin.isatty():
        refuse("This is not the database of `make up`: say --yes, if you want to write to it.")
    if not typer.confirm(f"This is not the database of `make up`. Write {people // 2} sessions to it?", err=True):
        refuse("Nothing was done.")


@contextmanager
def _connected(settings: OperatorSettings) -> Iterator[Database]:
    url = settings.database_url.get_secret_value()
    database = Database(url, role="", application="attendancectl simulate", pool_size=1)
    try:
        yield database
    except StorageUnavailable as error:
        refuse(f"The database can't be reached: {error.__cause__}\nRun `attendancectl doctor`, which says what to do.")
    except DBAPIError as error:
        refuse(f"The database refused it: {error.orig}Run it with a DATABASE_URL of the tables' owner.")
    finally:
        database.dispose()


def _people(database: Database, count: int) -> list[Person]:
    pairs = [(FIRST_USER + number, FIRST_USER + number + 1) for number in range(0, count - 1, 2)]
    with database.transaction() as connection:
        created = create_sessions(connection, pairs)
    return [
        person
        for session, tutor, student in created
        for person in (Person(session, tutor, "tutor"), Person(session, student, "student"))
    ]


def _credentials(settings: OperatorSettings, through: Through) -> grpc.ChannelCredentials | None:
    try:
        if through == Through.TRACKING:
            files = settings.mutual_tls
            return None if files is None else channel_credentials(read_identity(files))
        authorities = settings.probe_authorities
        return None if authorities is None else grpc.ssl_channel_credentials(read_authorities(authorities))
    except TlsInvalid as error:
        refuse(str(error))


def _run(load: Load, database: Database, *, keep: bool, quiet: bool) -> Progress:
    with Live(console=progress_console(), auto_refresh=False, transient=quiet) as live:

        def show(progress: Progress) -> None:
            if not quiet:
                live.update(_table(progress, load.seconds), refresh=True)

        try:
            progress = asyncio.run(run_load(load, show))
            show(progress)
        except RelayError as error:
            refuse(f"The events could not be delivered: {error}\nRun `attendancectl doctor`, which says what to do.")
        finally:
            if keep:
                typer.echo("The sessions stay; `attendancectl simulate --clean-up` removes them.", err=True)
            else:
                typer.echo(f"Removed {_removed(database)} simulated sessions with their facts.", err=True)
    return progress


def _removed(database: Database) -> int:
    try:
        with database.transaction() as connection:
            return remove_sessions(connection)
    except JournalNotFolded:
        refuse("Nothing was removed, because nothing folds the journal. Start a tracking service; then run --clean-up.")


def _result(progress: Progress) -> dict[str, object]:
    statistics = progress.statistics
    return {
        "people": progress.people,
        "seconds": progress.seconds,
        "sent": statistics.sent,
        "acknowledged": statistics.acknowledged,
        "rejected": statistics.rejected,
        "reconnects": statistics.reconnects,
        "actions": dict(progress.actions),
        "rejections": dict(progress.rejections),
    }


def _table(progress: Progress, seconds: float) -> Table:
    statistics = progress.statistics
    table = Table(show_header=False, box=None)
    for name, value in (
        ("time", f"{progress.seconds:.0f} of {seconds:.0f} s"),
        ("people", str(progress.people)),
        ("events", f"{statistics.sent} sent, {statistics.acknowledged} acknowledged"),
        ("rate", f"{statistics.acknowledged / progress.seconds:.0f} a second" if progress.seconds else "-"),
        ("waiting", f"{statistics.unacknowledged}, the oldest for {progress.stalled_for:.1f} s"),
        ("reconnects", str(statistics.reconnects)),
        ("actions", ", ".join(f"{count} {name}" for name, count in sorted(progress.actions.items()))),
        ("rejected", ", ".join(f"{count} {why}" for why, count in progress.rejections.items()) or "none"),
    ):
        table.add_row(name, value)
    return table
