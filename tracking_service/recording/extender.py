"""Plain heartbeats of one flush, written over two connections at once: PostgreSQL runs a statement on one core."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from tracking_service.domain.runs import Runs, halved
from tracking_service.store import extension

#: Below this a second transaction costs more than it saves.
RUNS_WORTH_A_SECOND_CONNECTION = 500
#: The flush waits for its second half, which PostgreSQL can't see: where two replicas wait for each other that way,
#: this ends it, as PostgreSQL ends a deadlock that it can see after as long.
LOCK_WAIT_SECONDS = 1.0


class Extender:
    """Extends open intervals. Blocking; one flush at a time.

    The second half is committed on its own, before the flush is, and while the flush keeps its streams locked: nobody
    can take them over meanwhile. If the flush fails after that, nothing of it is acknowledged; its heartbeats come
    again and change nothing, for facts are a function of the set of events.
    """

    def __init__(self, database: Database, *, timeout: int) -> None:
        """`timeout` is the presence timeout in microseconds."""
        self._database = database
        self._timeout = timeout
        self._elsewhere = ThreadPoolExecutor(max_workers=1, thread_name_prefix="extender")

    def extend(self, connection: Connection, runs: Runs) -> set[int]:
        """Extend open intervals and return the keys of participants who have none that fits.

        StorageConflict, StorageUnavailable.
        """
        if len(runs.participant_keys) < RUNS_WORTH_A_SECOND_CONNECTION:
            return set(extension.extend(connection, runs, self._timeout))
        # Of different sessions, so that neither half ever waits for the other one's rows.
        own, other = halved(runs)
        elsewhere = self._elsewhere.submit(self._commit, other)
        try:
            missed = extension.extend(connection, own, self._timeout)
        finally:
            # Whoever writes the flush anew does not meet it.
            wait([elsewhere])
        return {*missed, *elsewhere.result()}

    def _commit(self, runs: Runs) -> list[int]:
        with self._database.transaction() as connection:
            extension.wait_for_locks_at_most(connection, LOCK_WAIT_SECONDS)
            return extension.extend(connection, runs, self._timeout)
