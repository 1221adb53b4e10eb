"""Run the embedded PostgreSQL until this process is stopped or its parent ends.

`make up` starts it as `python -m development.up.database`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psutil
from sqlalchemy import create_engine, text

from development.environment import DevelopmentSettings, write_privately
from development.postgres import EmbeddedPostgres
from servicekit.database.url import sqlalchemy_url
from servicekit.settings import load

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: As in the platform's documented command, `psql -U astegni_user -d astegni_user_db`.
OWNER = "astegni_user"
DATABASE = "astegni_user_db"

_ROLE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
_DATABASE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)")
#: CREATEROLE, because the migrations create a role per service.
_CREATE_ROLE = text(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
_CREATE_DATABASE = text(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def main() -> None:
    """Run the server until a signal arrives or the server ends by itself."""
    settings = load(DevelopmentSettings)
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        _serve(settings.state_directory / "postgres", settings.database_url_file)
    except RuntimeError as error:
        sys.exit(str(error))
    sys.exit("PostgreSQL ended by itself")


def _serve(directory: Path, url_file: Path) -> None:
    """Return when the server has ended by itself; RuntimeError if it does not start."""
    with EmbeddedPostgres(directory) as server:
        _create_database(server.url())
        with _published(server.url(DATABASE, user=OWNER), url_file):
            _process(directory).wait()


def _stop(_number: int, _frame: object) -> NoReturn:
    # A second signal would interrupt the stop. Linux sends one for each thread of a parent that is killed.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _create_database(url: str) -> None:
    engine = create_engine(sqlalchemy_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.execute(_ROLE_EXISTS, {"name": OWNER}).scalar_one():
            connection.execute(_CREATE_ROLE)
        if not connection.execute(_DATABASE_EXISTS, {"name": DATABASE}).scalar_one():
            connection.execute(_CREATE_DATABASE)
    engine.dispose()


@contextmanager
def _published(url: str, file: Path) -> Iterator[None]:
    write_privately(file, url)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _process(directory: Path) -> psutil.Process:
    """Return the server's first process, whose id is the first line of postmaster.pid."""
    return psutil.Process(int((directory / "postmaster.pid").read_text().splitlines()[0]))


if __name__ == "__main__":
    main()
