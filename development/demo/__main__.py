"""Fill a database that has no users with demo data; then write the tokens of the demo's people for the pages.

An interrupted attempt is completed: no step changes what is there already.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from grpc import aio

from development.demo.heartbeats import EventsRefused, presence_events, stream
from development.demo.marking import take_decisions
from development.demo.people import Person
from development.demo.platform_rows import has_users, insert_rows, insert_sessions, is_demo
from development.demo.stories import STORIES
from development.demo.timetable import timetable
from development.demo.tokens import demo_token, people_file, write_people
from development.environment import DevelopmentSettings, signing_secret
from heartbeat_relay import RelayError
from servicekit.addresses import grpc_target
from servicekit.auth.issuer import issue_service_token
from servicekit.clock import SystemClock
from servicekit.database.engine import Database
from servicekit.settings import TimeZoneName, TransportSettings, load
from servicekit.tls.mutual import read_identity

#: The relay's name in its token.
RELAY = "demo-whiteboard"


class DemoSettings(DevelopmentSettings, TransportSettings):
    """The development settings, the services' addresses, and the time zone of the lessons' dates."""

    #: host:port of the tracking service, or of each replica, separated by commas.
    tracking_address: str = "127.0.0.1:50051"
    #: The same of the attendance service.
    attendance_address: str = "127.0.0.1:50052"
    #: Time zone of session_date, start_time and end_time.
    session_timezone: TimeZoneName = "Africa/Addis_Ababa"


def main() -> None:
    """Run the command; exit status 1 with the reason if a service refuses something."""
    argparse.ArgumentParser(prog="python -m development.demo", description=__doc__).parse_args()
    settings = load(DemoSettings)
    secret = signing_secret(settings)
    database = Database(settings.database_url, role="", application="demo", pool_size=1)
    unfinished = settings.state_directory / "demo-unfinished"
    try:
        if _is_needed(database, unfinished):
            asyncio.run(_fill(settings, database, secret, _begun(unfinished)))
            unfinished.unlink()
    except (EventsRefused, RelayError, aio.AioRpcError) as error:
        reason = error.details() if isinstance(error, aio.AioRpcError) else error
        sys.exit(f"The demo data is incomplete ({reason}). Start again to continue, or run `make reset` first.")
    with database.transaction() as connection:
        if is_demo(connection):
            write_people(people_file(settings.state_directory), secret, settings.token_origin)
        else:
            people_file(settings.state_directory).unlink(missing_ok=True)
    database.dispose()


def _is_needed(database: Database, unfinished: Path) -> bool:
    with database.transaction() as connection:
        return not has_users(connection) or (unfinished.exists() and is_demo(connection))


def _begun(unfinished: Path) -> datetime:
    """Return the time around which the lessons are placed: the same again after an interruption."""
    if not unfinished.exists():
        unfinished.write_text(datetime.now(UTC).isoformat())
    return datetime.fromisoformat(unfinished.read_text())


async def _fill(settings: DemoSettings, database: Database, secret: str, now: datetime) -> None:
    zone = ZoneInfo(settings.session_timezone)
    files = settings.mutual_tls
    identity = None if files is None else read_identity(files)
    lessons = timetable(STORIES, now, zone=zone)
    with database.transaction() as connection:
        insert_rows(connection, lessons)
    events = presence_events(lessons, now)
    print(f"Streaming {len(events)} events of {len(lessons)} lessons ...")
    relay = issue_service_token(secret, service=RELAY, clock=SystemClock(), origin=settings.token_origin)
    await stream(events, grpc_target(settings.tracking_address), relay, identity)

    with database.transaction() as connection:
        insert_sessions(connection, lessons, zone)

    def token_for(person: Person) -> str:
        return demo_token(secret, person, settings.token_origin)

    await take_decisions(lessons, grpc_target(settings.attendance_address), token_for, identity)


if __name__ == "__main__":
    main()
