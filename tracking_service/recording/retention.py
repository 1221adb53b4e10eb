"""Keeps to the retention times: deletes facts and records that are older (docs/operations.md#retention)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.engine import Connection

from servicekit.database.engine import Database
from servicekit.database.walk import ROWS_PER_PART, Part, TableWalk
from servicekit.errors import StorageUnavailable
from tracking_service.domain.grouping import ALL_GROUPS
from tracking_service.store import journal, retention, session_groups
from tracking_service.store.session_groups import NOTHING
from tracking_service.store.shards import ShardServers, SilentServers, shards_of

MIN_JOURNAL_HOURS = 1
#: The ring of partitions has one for each hour of the day: the present one, and the next one has to be empty.
MAX_JOURNAL_HOURS = 22


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionTimes:
    """For how many days facts are kept; 0: for ever. And for how many hours the journal."""

    events: int = 0
    presence: int = 0
    relays: int = 0
    #: Hours for which the journal is kept once it is folded.
    journal_hours: int = MIN_JOURNAL_HOURS


class Retention:
    """Deletes old facts, some at a time. Blocking."""

    def __init__(self, database: Database, times: RetentionTimes, silent: SilentServers | None = None) -> None:
        """Nothing is deleted yet; `silent` is what others found out about the servers of shards."""
        self._database = database
        self._servers = ShardServers(database, silent)
        #: Why shards are left out until the others are done, by their numbers.
        self._failures: dict[int, StorageUnavailable] = {}
        self._times = times
        self._walk = TableWalk(database, walks="tracking_retention_walks", table="whiteboard_sessions")

    def delete_presence(self) -> Part:
        """Delete what is known of the presence at the next whiteboards."""
        return self._delete("presence", self._times.presence, events_only=False)

    def delete_events(self) -> Part:
        """Delete the raw events of the next whiteboards."""
        return self._delete("events", self._times.events, events_only=True)

    def delete_coverage(self) -> Part:
        """Delete what is known of replicas and relays."""
        if not self._times.relays:
            return Part(0, goes_on=False)
        with self._database.transaction() as connection:
            deleted = retention.delete_coverage(connection, days=self._times.relays, size=ROWS_PER_PART)
        return Part(deleted, goes_on=deleted >= ROWS_PER_PART)

    def empty_journal(self) -> int:
        """Empty the old partitions of the journal and return how many there were; delete writers that are gone."""
        with self._database.transaction() as connection:
            emptied = journal.empty_old(connection, retention_hours=self._times.journal_hours)
        self._delete_writers()
        for groups in shards_of(self._database):
            with self._database.transaction() as connection:
                session_groups.forget_writers(connection, groups)
        return emptied

    def _delete_writers(self) -> None:
        """Delete writers that are gone, once all they wrote is folded."""
        with self._database.transaction() as connection:
            idle = journal.idle_writers(connection)
            known = session_groups.read(connection, ALL_GROUPS).groups if idle else ()
            folded = [
                writer_id
                for writer_id, last_record in idle.items()
                if all(group.positions.get(writer_id, NOTHING).heartbeats >= last_record for group in known)
            ]
            if folded:
                journal.delete_writers(connection, folded)

    def _delete(self, task: str, days: int, *, events_only: bool) -> Part:
        if not days:
            return Part(0, goes_on=False)
        work = partial(retention.delete_facts, days=days, events_only=events_only)
        shards = self._servers.grouping().shards
        if shards is None:
            return self._walk.go_on(task, work)
        parts = [self._delete_in_shard(task, work, number) for number in range(shards) if number not in self._failures]
        whole = Part(sum(part.done for part in parts), goes_on=any(part.goes_on for part in parts))
        if self._failures and not whole.goes_on:
            _, error = self._failures.popitem()
            self._failures.clear()
            raise error
        return whole

    def _delete_in_shard(self, task: str, work: Callable[[Connection, Sequence[int]], int], number: int) -> Part:
        """Walk on in one shard: its server holds up no other."""
        try:
            find = partial(retention.next_in_shard, self._servers, number)
            return self._walk.go_on(f"{task} in shard {number}", work, find)
        except StorageUnavailable as error:
            self._failures[number] = error
            return Part(0, goes_on=False)
