"""A database that all tests of a file share: creating and dropping one takes longer than most of these tests.

For tests of the tracking service's tables; a folder's conftest.py takes over both fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from development.postgres import EmbeddedPostgres
from testkit.postgres import TRACKING_ROLE, execute, fresh_database, query


class SharedDatabase(NamedTuple):
    url: str
    #: Names of the tables that the tracking service writes, and of `whiteboard_sessions`.
    tables: Sequence[str]

    def clear(self) -> None:
        """Delete the rows that earlier tests have left."""
        execute(self.url, "; ".join(f"DELETE FROM {table}" for table in self.tables))  # noqa: S608 - from the catalog


@pytest.fixture(scope="module")
def shared_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[SharedDatabase]:
    with fresh_database(postgres_server, template=migrated_template) as url:
        written = f"""
            SELECT table_name FROM information_schema.role_table_grants
            WHERE grantee = '{TRACKING_ROLE.name}' AND privilege_type = 'INSERT' AND table_schema = 'public'
            UNION SELECT 'whiteboard_sessions'"""  # noqa: S608 - a constant
        yield SharedDatabase(url, [str(table) for (table,) in query(url, written)])


@pytest.fixture
def database(shared_database: SharedDatabase) -> str:
    """Return the URL of the shared database, without rows."""
    shared_database.clear()
    return shared_database.url
