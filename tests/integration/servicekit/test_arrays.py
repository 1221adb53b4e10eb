"""Array literals mean to PostgreSQL what was passed: connection ids are whatever clients made up."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from servicekit.database import arrays
from servicekit.database.engine import Database

TEXTS = [
    None,
    "",
    "NULL",
    "null",
    "word",
    "élève",
    "two words",
    " ",
    'a "quote"',
    "a 'quote'",
    "a\\backslash",
    '\\"',
    "},{",
    "a,b",
    "\x1f",
    "line\nbreak",
    '{"": null}',
]
UUIDS: list[UUID | None] = [uuid4(), None, UUID(int=0)]


def read_back(url: str, literal: str, kind: str) -> list[object]:
    database = Database(url, role="", application="test", pool_size=1)
    try:
        with database.transaction() as connection:
            statement = text(f"SELECT value::text FROM unnest(CAST(:literal AS {kind}[])) AS given (value)")  # noqa: S608 - constants
            return list(connection.execute(statement, {"literal": literal}).scalars())
    finally:
        database.dispose()


@pytest.mark.parametrize("values", [[], TEXTS])
def test_texts_come_back_as_they_were(empty_database: str, values: list[str | None]) -> None:
    assert read_back(empty_database, arrays.texts(values), "text") == values


def test_uuids_come_back_as_they_were(empty_database: str) -> None:
    assert read_back(empty_database, arrays.uuids(UUIDS), "uuid") == [value and str(value) for value in UUIDS]
