"""Facts for tests that read tables directly: what is in the journal is folded first, as for every other reader."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.engine import make_url

from servicekit.clock import SystemClock, seconds
from servicekit.database.engine import Database
from testkit.postgres import query
from tracking_service.folding.fold import Folder
from tracking_service.store.sql import FIND_ROWS_BY_KEY

_TIMEOUT = "PRESENCE_TIMEOUT_SECONDS"
_DEFAULT_SECONDS = "75"
#: After how many seconds the services of each database take silence for the end of presence.
_timeouts: dict[str | None, str] = {}


def note_settings(url: str, settings: Mapping[str, str]) -> None:
    """Fold as a service of this database with these settings does."""
    _timeouts[make_url(url).database] = settings.get(_TIMEOUT, _DEFAULT_SECONDS)


def fold(url: str) -> None:
    """Fold everything that is in the journal, after waiting for folds that are under way."""
    timeout = seconds(float(_timeouts.get(make_url(url).database, _DEFAULT_SECONDS)))
    database = Database(url, role="", application="test", pool_size=1, parameters=FIND_ROWS_BY_KEY)
    try:
        Folder(database, SystemClock(), timeout=timeout).fold(skip_locked=False)
    finally:
        database.dispose()


def query_facts(url: str, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of a query that reads facts."""
    fold(url)
    return query(url, statement)
