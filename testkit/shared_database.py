"""A database that all tests of a module share: creating and dropping one takes longer than most of these tests.

A folder's conftest.py takes over the three fixtures by importing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database
from testkit.table_reset import TableReset


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Return the URL of the module's database."""
    with fresh_database(postgres_server, template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def table_reset(module_database: str) -> Iterator[TableReset]:
    with closing(psycopg2.connect(module_database)) as connection:
        connection.autocommit = True
        yield TableReset(connection)


@pytest.fixture
def database(module_database: str, table_reset: TableReset) -> str:
    """Return the URL of the module's database, with empty tables."""
    table_reset.run()
    return module_database
