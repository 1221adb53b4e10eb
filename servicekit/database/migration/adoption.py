"""How an existing table becomes the wanted one: pure judgement over values, no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from servicekit.database.migration.errors import Problem
from servicekit.database.migration.found import ORDINARY_TABLE, FoundColumn, FoundIndex, FoundTable
from servicekit.database.migration.wanted import WantedColumn, WantedIndex, WantedTable


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One statement, and what it means to whoever runs the database."""

    statement: str
    told: str


def problems_of(wanted: WantedTable, found: FoundTable) -> tuple[Problem, ...]:
    """Return everything that keeps the table from being adopted; empty: it can be."""
    if found.kind != ORDINARY_TABLE:
        return (Problem(subject=found.name, description="is not an ordinary table; only such a one can be adopted"),)
    return (*_ownership_problems(found), *_column_problems(wanted, found), *_index_problems(wanted, found))


def changes_of(wanted: WantedTable, found: FoundTable) -> tuple[Change, ...]:
    """Return what makes an adoptable table the wanted one; empty: it is already."""
    return (
        *_index_changes(wanted, found),
        *(change for column in wanted.columns for change in _column_changes(wanted, column, found)),
        *_fillfactor_changes(wanted, found),
        *(_index_creation(wanted, index) for index in _missing_indexes(wanted, found)),
    )


def creation_of(wanted: WantedTable) -> tuple[Change, ...]:
    """Return what makes the table where there is none."""
    table = Change(statement=wanted.create_statement, told=f"{wanted.name}: created.")
    return (table, *(_index_creation(wanted, index) for index in wanted.indexes))


def view_problem(table: str, column: FoundColumn, purpose: str) -> Problem | None:
    """Return the problem that views make of dropping or converting a column, None where there are no views."""
    if not column.views:
        return None
    views = ", ".join(column.views)
    return Problem(
        subject=f"{table}.{column.name}",
        description=f"has to be {purpose}, but is read by {views}; drop the view first and create it again afterwards",
    )


def _ownership_problems(found: FoundTable) -> Iterator[Problem]:
    if not found.owned:
        yield Problem(
            subject=found.name,
            description=f"belongs to {found.owner}; run the migration as that role or as a member of it",
        )


def _column_problems(wanted: WantedTable, found: FoundTable) -> Iterator[Problem]:
    for column in wanted.columns:
        existing = found.columns.get(column.name)
        if existing is not None:
            yield from _type_problems(wanted.name, column, existing)
        elif column.required:
            yield Problem(
                subject=f"{wanted.name}.{column.name}",
                description=f"is missing and can't be made up; add it ({column.type}) with its values",
            )


def _type_problems(table: str, column: WantedColumn, existing: FoundColumn) -> Iterator[Problem]:
    if existing.base_type not in column.accepts | column.converts:
        takes = ", ".join(sorted(column.accepts | column.converts))
        yield Problem(
            subject=f"{table}.{column.name}", description=f"is {existing.type}; change its type to one of: {takes}"
        )
    elif _needs_conversion(column, existing):
        problem = view_problem(table, existing, f"changed from {existing.type} to {column.type}")
        if problem is not None:
            yield problem


def _needs_conversion(column: WantedColumn, existing: FoundColumn) -> bool:
    too_small = column.size is not None and existing.size is not None and existing.size < column.size
    return _is_of_another_family(column, existing) or too_small


def _is_of_another_family(column: WantedColumn, existing: FoundColumn) -> bool:
    return existing.base_type in column.converts


def _index_problems(wanted: WantedTable, found: FoundTable) -> Iterator[Problem]:
    if "id" in found.columns and not any(index.unique_columns == ("id",) for index in found.indexes):
        yield Problem(
            subject=f"{found.name}.id",
            description=f"is not unique by itself; ALTER TABLE {found.name} ADD PRIMARY KEY (id)",
        )
    for index in _obstructive_indexes(wanted, found):
        if index.of_constraint:
            yield Problem(
                subject=found.name,
                description=f"a constraint rests on {index.name}, whose columns change all the time; drop it",
            )


def _obstructive_indexes(wanted: WantedTable, found: FoundTable) -> Iterator[FoundIndex]:
    return (index for index in found.indexes if index.columns & wanted.unindexed)


def _index_changes(wanted: WantedTable, found: FoundTable) -> Iterator[Change]:
    for index in _obstructive_indexes(wanted, found):
        yield Change(
            statement=f"DROP INDEX {index.name}",
            told=f"{wanted.name}: index {index.name} dropped, for with it no update could be a HOT one. "
            f"It was: {index.definition}",
        )


def _missing_indexes(wanted: WantedTable, found: FoundTable) -> Iterator[WantedIndex]:
    staying = set(found.indexes).difference(_obstructive_indexes(wanted, found))
    return (
        index for index in wanted.indexes if not any(existing.finds(index.key, index.method) for existing in staying)
    )


def _index_creation(wanted: WantedTable, index: WantedIndex) -> Change:
    """Create it under a name that PostgreSQL chooses: none that the platform uses can be in the way."""
    return Change(
        statement=f"CREATE INDEX ON {wanted.name} USING {index.method} ({index.key})",
        told=f"{wanted.name}: index over {index.key} created, for {index.purpose}.",
    )


def _column_changes(wanted: WantedTable, column: WantedColumn, found: FoundTable) -> Iterator[Change]:
    existing = found.columns.get(column.name)
    where = f"{wanted.name}.{column.name}"
    if existing is None and column.optional:
        return
    if existing is None:
        statement = f"ALTER TABLE {wanted.name} ADD COLUMN {column.addition}"
        yield Change(statement=statement, told=f"{where}: added as {column.type}.")
        return
    alter = f"ALTER TABLE {wanted.name} ALTER COLUMN {column.name}"
    if _needs_conversion(column, existing):
        told = f"{where}: {existing.type} became {column.type}. {column.conversion}".rstrip()
        yield Change(statement=f"{alter} TYPE {column.type}", told=told)
    if column.documented:
        yield from _documented_changes(column, existing, alter, where)


def _documented_changes(column: WantedColumn, existing: FoundColumn, alter: str, where: str) -> Iterator[Change]:
    if existing.not_null and column.default is None:
        yield Change(statement=f"{alter} DROP NOT NULL", told=f"{where}: may be NULL now.")
    # A conversion leaves the old default behind, cast twice.
    obsolete = existing.default is not None and _is_of_another_family(column, existing)
    if obsolete or _literal(existing.default) != _literal(column.default):
        if column.default is None:
            yield Change(statement=f"{alter} DROP DEFAULT", told=f"{where}: default {existing.default} dropped.")
        else:
            statement = f"{alter} SET DEFAULT {column.default}"
            yield Change(statement=statement, told=f"{where}: default is now {column.default}.")


def _literal(default: str | None) -> str | None:
    """Return a default without its cast: PostgreSQL prints 'present' as 'present'::character varying."""
    return default.split("::", maxsplit=1)[0] if default is not None else None


def _fillfactor_changes(wanted: WantedTable, found: FoundTable) -> Iterator[Change]:
    if wanted.fillfactor not in {None, found.fillfactor}:
        yield Change(
            statement=f"ALTER TABLE {wanted.name} SET (fillfactor = {wanted.fillfactor})",
            told=f"{wanted.name}: fillfactor is now {wanted.fillfactor}, so that updates stay on their page.",
        )
