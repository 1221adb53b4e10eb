"""The steps of a first revision: read what is there, judge it, then create and adopt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Change, changes_of, creation_of, problems_of
from servicekit.database.migration.catalog import exists, read_schema_problem, read_table
from servicekit.database.migration.errors import Problem
from servicekit.database.migration.found import FoundTable
from servicekit.database.migration.runner import Migration
from servicekit.database.migration.transaction import lock_tables
from servicekit.database.migration.wanted import WantedTable


def read_tables(connection: Connection, wanted: Collection[WantedTable]) -> dict[str, FoundTable]:
    """Return those of the wanted tables that exist, by name."""
    tables = (read_table(connection, table.name) for table in wanted)
    return {table.name: table for table in tables if table is not None}


def adoption_problems(
    connection: Connection, wanted: Collection[WantedTable], found: Mapping[str, FoundTable], new: Collection[str]
) -> tuple[Problem, ...]:
    """Return every problem of the existing tables, and of the names under which new relations will be created."""
    return (
        *read_schema_problem(connection),
        *(problem for table in wanted if table.name in found for problem in problems_of(table, found[table.name])),
        *_taken_names(connection, new),
    )


def adopt(migration: Migration, wanted: Collection[WantedTable], found: Mapping[str, FoundTable]) -> None:
    """Create the tables that are missing, in their order, and change those that exist into the wanted ones."""
    changes = {table.name: changes_of(table, found[table.name]) for table in wanted if table.name in found}
    lock_tables(migration.connection, (name for name, needed in changes.items() if needed))
    for table in wanted:
        migration.apply(*changes.get(table.name, creation_of(table)))


def creations(statements: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the changes that make new relations, given their statements by name."""
    return tuple(Change(statement=statement, told=f"{name}: created.") for name, statement in statements.items())


def _taken_names(connection: Connection, names: Collection[str]) -> Iterator[Problem]:
    for name in names:
        if exists(connection, name):
            yield Problem(
                subject=name,
                description="exists already, but was not made by this migration; rename it, for the name is needed",
            )
