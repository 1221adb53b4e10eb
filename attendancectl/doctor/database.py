"""Whether the database can be reached, keeps what is acknowledged, and has room (docs/postgresql.md)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendancectl.doctor.findings import Finding, failed, ok, warning
from attendancectl.doctor.reachability import clock_finding

#: The oldest that the tests have run on.
OLDEST_VERSION: Final = 15
#: Of the connections that others than a superuser may make.
MAX_CONNECTION_SHARE: Final = 0.8
#: Lessons are judged by minutes; tokens and page actions bear more.
MAX_CLOCK_DIFFERENCE_SECONDS: Final = 1.0
#: An open transaction keeps the journal from being emptied, and vacuum from its work.
MAX_TRANSACTION_SECONDS: Final = 600

_FACTS = text("""
    SELECT CAST(current_setting('server_version_num') AS integer) AS version,
        pg_is_in_recovery() AS is_standby,
        current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS full_page_writes,
        current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('autovacuum') AS autovacuum,
        current_setting('synchronous_standby_names') AS standby_names,
        (SELECT count(*) FROM pg_stat_replication) AS standbys,
        CAST(current_setting('max_connections') AS integer)
            - CAST(current_setting('superuser_reserved_connections') AS integer) AS max_connections,
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
        (SELECT COALESCE(max(EXTRACT(EPOCH FROM clock_timestamp() - xact_start)), 0)
         FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend') AS oldest_transaction,
        (SELECT COALESCE(last_failed_time > COALESCE(last_archived_time, 'epoch'), false)
         FROM pg_stat_archiver) AS archiving_fails
""")
_NOW = text("SELECT EXTRACT(EPOCH FROM clock_timestamp())")


class _Facts(NamedTuple):
    version: int
    is_standby: bool
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    autovacuum: str
    standby_names: str
    standbys: int
    max_connections: int
    connections: int
    oldest_transaction: float
    archiving_fails: bool


def database_findings(connection: Connection) -> Iterator[Finding]:
    """Return what is found in a database that can be reached."""
    facts = _Facts(**connection.execute(_FACTS).mappings().one())
    yield _version(facts)
    yield _durability(facts)
    yield _connections(facts)
    yield from _troubles(facts)
    yield clock_finding("clock of the database", _ahead(connection), MAX_CLOCK_DIFFERENCE_SECONDS)


def _version(facts: _Facts) -> Finding:
    major, minor = divmod(facts.version, 10_000)
    if facts.is_standby:
        step = "name all servers in DATABASE_URL, with target_session_attrs=read-write (docs/postgresql.md#failover)"
        return failed("database", f"PostgreSQL {major}.{minor} answers, and is a standby: it takes no writes", step)
    if major < OLDEST_VERSION:
        step = f"upgrade to {OLDEST_VERSION} or newer, the oldest that this was tried on"
        return warning("database", f"PostgreSQL {major}.{minor} answers", step)
    return ok("database", f"PostgreSQL {major}.{minor} answers and takes writes")


def _durability(facts: _Facts) -> Finding:
    unsafe = [
        f"{name} is {value}"
        for name, value in (
            ("fsync", facts.fsync),
            ("full_page_writes", facts.full_page_writes),
            ("synchronous_commit", facts.synchronous_commit),
        )
        if value == "off"
    ]
    if unsafe:
        return failed("durability", " and ".join(unsafe), "set it to on: an acknowledged event may be lost in a crash")
    if facts.standby_names and not facts.standbys:
        step = "start a standby, or take the name out of synchronous_standby_names and reload; commits wait until then"
        return failed(
            "durability", f"no standby of synchronous_standby_names ({facts.standby_names}) is connected", step
        )
    return ok("durability", "what is committed survives a crash" + (" on two servers" if facts.standby_names else ""))


def _connections(facts: _Facts) -> Finding:
    found = f"{facts.connections} of {facts.max_connections} are in use"
    if facts.connections > MAX_CONNECTION_SHARE * facts.max_connections:
        step = (
            "raise max_connections, or find who holds them: SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1"
        )
        return warning("connections", found, step)
    return ok("connections", found)


def _troubles(facts: _Facts) -> Iterator[Finding]:
    if facts.autovacuum == "off":
        yield warning("autovacuum", "is off", "switch it on (docs/postgresql.md#vacuum)")
    if facts.archiving_fails:
        yield warning("archive", "the last archive_command failed: backups are behind", "look into PostgreSQL's log")
    if facts.oldest_transaction > MAX_TRANSACTION_SECONDS:
        found = f"one is open for {facts.oldest_transaction / 60:.0f} minutes, and keeps the journal from being emptied"
        step = "find it: SELECT pid, usename, xact_start, query FROM pg_stat_activity ORDER BY xact_start"
        yield warning("transactions", found, step)


def _ahead(connection: Connection) -> float:
    """Return by how many seconds the database's clock is ahead of ours, from the quicker of some round trips."""
    samples: list[tuple[float, float]] = []
    for _ in range(3):
        sent = time.time()
        there: Any = connection.execute(_NOW).scalar_one()
        received = time.time()
        samples.append((received - sent, float(there) - (sent + received) / 2))
    return min(samples)[1]
