"""Facts for tests that read tables directly: what is in the journal is folded first, as for every other reader."""

from __future__ import annotations

from servicekit.clock import Clock, SystemClock, seconds
from servicekit.database.engine import Database
from testkit.postgres import query
from tracking_service.folding.fold import Folder
from tracking_service.store.sql import FIND_ROWS_BY_KEY

#: The default of PRESENCE_TIMEOUT_SECONDS.
TIMEOUT = seconds(75)


def fold(url: str, *, clock: Clock | None = None, timeout: int = TIMEOUT) -> None:
    """Fold everything that is in the journal, after waiting for folds that are under way."""
    database = Database(url, role="", application="test", pool_size=1, parameters=FIND_ROWS_BY_KEY)
    try:
        Folder(database, clock or SystemClock(), timeout=timeout).fold(skip_locked=False)
    finally:
        database.dispose()


def query_facts(url: str, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of a query that reads facts."""
    fold(url)
    return query(url, statement)
