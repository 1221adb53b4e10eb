"""Database transactions in threads, so that they do not block the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy import RowMapping, TextClause
from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.errors import TransactionLost
from servicekit.rpc.deadlines import with_deadline

_ResultT = TypeVar("_ResultT")
_log = logging.getLogger(__name__)

#: PostgreSQL takes a second to find a deadlock, and pages wait for several. Who loses thrice meets more than chance.
MAX_ATTEMPTS = 3


class DatabaseExecutor:
    """Runs transactions in as many threads as there are connections, so no thread waits for a connection."""

    def __init__(self, database: Database, threads: int) -> None:
        """Threads start, and connections open, when they are needed."""
        self._database = database
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")

    async def run(self, work: Callable[[Connection], _ResultT]) -> _ResultT:
        """Run `work` in a transaction and return its result after the commit.

        `work` runs again if the database prefers another transaction, so it must do nothing but use the connection.
        """
        # The thread works for the call that waits for it.
        in_context = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, in_context, self._transaction, work)

    async def read(self, query: Callable[[Connection], _ResultT]) -> _ResultT:
        """Run a query; StorageUnavailable also if it takes longer than callers wait.

        Not for writes, because the caller would not know whether they were committed, nor for reports about everything.
        """
        return await with_deadline(self.run(query), None)

    def close(self) -> None:
        """Wait for running transactions, then end the threads and connections."""
        self._threads.shutdown(wait=True)
        self._database.dispose()

    def _transaction(self, work: Callable[[Connection], _ResultT], attempts: int = MAX_ATTEMPTS) -> _ResultT:
        try:
            with self._database.transaction() as connection:
                return work(connection)
        except TransactionLost:
            if attempts == 1:
                raise
            _log.warning("another transaction was in the way; this one is tried again")
        return self._transaction(work, attempts - 1)


def select(
    statement: TextClause, parameters: Mapping[str, Any], convert: Callable[[RowMapping], _ResultT]
) -> Callable[[Connection], list[_ResultT]]:
    """Return work for the executor that runs a statement and converts each row."""

    def rows_in(connection: Connection) -> list[_ResultT]:
        return [convert(row) for row in connection.execute(statement, parameters).mappings()]

    return rows_in
