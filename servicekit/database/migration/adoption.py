"""How existing tables become the target ones: what is in the way, and which statements change them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.existing import (
    ORDINARY_TABLE,
    ExistingColumn,
    ExistingIndex,
    ExistingTable,
    exists,
    read_table,
)
from servicekit.database.migration.target import IfMissing, TargetColumn, TargetIndex, TargetTable
from servicekit.database.migration.transaction import Change, Migration, MigrationFailed

#: The schema in which new tables will be, NULL if search_path names none that exists.
_SCHEMA = text("""
SELECT current_schema()::text AS name, current_user::text AS login,
       has_schema_privilege(current_user, current_schema(), 'CREATE') AS can_create
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocker:
    """One thing about an existing database that has to change before it can be adopted."""

    #: `table`, `table.column`, or the name of a role or a schema.
    subject: str
    #: What is wrong, and what to do about it.
    description: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.description}"


class CannotAdopt(MigrationFailed):
    """The database can't be adopted as it is."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        """List all blockers in the message, so that they can be removed at once."""
        self.blockers = tuple(blockers)
        lines = "\n".join(f"  {blocker}" for blocker in self.blockers)
        super().__init__(f"This database can't be adopted as it is; nothing was changed.\n{lines}")


def read_tables(connection: Connection, targets: Collection[TargetTable]) -> dict[str, ExistingTable]:
    """Return those of the target tables that exist, by name."""
    tables = (read_table(connection, target.name) for target in targets)
    return {table.name: table for table in tables if table is not None}


def adoption_blockers(
    connection: Connection,
    targets: Collection[TargetTable],
    existing: Mapping[str, ExistingTable],
    new_relations: Collection[str],
) -> tuple[Blocker, ...]:
    """Return what is in the way of adopting the existing tables and of creating the new relations."""
    return (
        *_schema_blockers(connection),
        *(
            blocker
            for target in targets
            if target.name in existing
            for blocker in table_blockers(target, existing[target.name])
        ),
        *_name_blockers(connection, new_relations),
    )


def adopt(migration: Migration, targets: Collection[TargetTable], existing: Mapping[str, ExistingTable]) -> None:
    """Create the tables that are missing, in the order of `targets`, and change those that exist into the targets."""
    changes = {
        target.name: table_changes(target, existing[target.name]) for target in targets if target.name in existing
    }
    migration.lock(*(name for name, needed in changes.items() if needed))
    for target in targets:
        migration.apply(*changes.get(target.name, _creation(target)))


def creations(statements: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the changes that create new relations, given their statements by name."""
    return tuple(Change(statement=statement, note=f"{name}: created.") for name, statement in statements.items())


def table_blockers(target: TargetTable, existing: ExistingTable) -> tuple[Blocker, ...]:
    """Return what is in the way of adopting one table."""
    if existing.kind != ORDINARY_TABLE:
        return (Blocker(subject=existing.name, description="is not an ordinary table, so it can't be adopted"),)
    return (*_owner_blockers(existing), *_column_blockers(target, existing), *_index_blockers(target, existing))


def table_changes(target: TargetTable, existing: ExistingTable) -> tuple[Change, ...]:
    """Return what turns an adoptable table into the target; empty: it has the target's form already."""
    return (
        *_index_changes(target, existing),
        *(change for column in target.columns for change in _column_changes(target, column, existing)),
        *_fillfactor_changes(target, existing),
        *(_index_creation(target, index) for index in _missing_indexes(target, existing)),
    )


def view_blocker(table: str, column: ExistingColumn, purpose: str) -> Blocker | None:
    """Return the blocker if views read a column that is to be dropped or converted."""
    if not column.views:
        return None
    views = ", ".join(column.views)
    return Blocker(
        subject=f"{table}.{column.name}",
        description=f"has to be {purpose}, but is read by {views}; drop the view first and create it again afterwards",
    )


def _schema_blockers(connection: Connection) -> Iterator[Blocker]:
    schema = connection.execute(_SCHEMA).mappings().one()
    if schema["name"] is None:
        yield Blocker(subject="search_path", description="names no schema that exists; create one for the tables")
    elif not schema["can_create"]:
        name, login = schema["name"], schema["login"]
        yield Blocker(
            subject=f"schema {name}",
            description=f"{login} may not create tables in it; GRANT CREATE ON SCHEMA {name} TO {login}",
        )


def _name_blockers(connection: Connection, names: Collection[str]) -> Iterator[Blocker]:
    for name in names:
        if exists(connection, name):
            yield Blocker(
                subject=name, description="exists already, but not from this migration, which needs the name; rename it"
            )


def _owner_blockers(existing: ExistingTable) -> Iterator[Blocker]:
    if not existing.owned:
        yield Blocker(
            subject=existing.name,
            description=f"belongs to {existing.owner}; run the migration as that role or as a member of it",
        )


def _column_blockers(target: TargetTable, existing: ExistingTable) -> Iterator[Blocker]:
    for column in target.columns:
        present = existing.columns.get(column.name)
        if present is not None:
            yield from _type_blockers(target.name, column, present)
        elif column.if_missing is IfMissing.REFUSE:
            yield Blocker(
                subject=f"{target.name}.{column.name}",
                description=f"is missing, and its values are not known; add it ({column.type}) with its values",
            )


def _type_blockers(table: str, column: TargetColumn, present: ExistingColumn) -> Iterator[Blocker]:
    if present.base_type not in column.accepts | column.converts:
        accepted = ", ".join(sorted(column.accepts | column.converts))
        yield Blocker(
            subject=f"{table}.{column.name}", description=f"is {present.type}; change its type to one of: {accepted}"
        )
    elif _needs_conversion(column, present):
        blocker = view_blocker(table, present, f"changed from {present.type} to {column.type}")
        if blocker is not None:
            yield blocker


def _needs_conversion(column: TargetColumn, present: ExistingColumn) -> bool:
    too_small = column.size is not None and present.size is not None and present.size < column.size
    return _is_of_another_family(column, present) or too_small


def _is_of_another_family(column: TargetColumn, present: ExistingColumn) -> bool:
    return present.base_type in column.converts


def _index_blockers(target: TargetTable, existing: ExistingTable) -> Iterator[Blocker]:
    if "id" in existing.columns and not any(index.unique_columns == ("id",) for index in existing.indexes):
        yield Blocker(
            subject=f"{existing.name}.id",
            description=f"is not unique by itself; ALTER TABLE {existing.name} ADD PRIMARY KEY (id)",
        )
    for index in _obstructive_indexes(target, existing):
        if index.of_constraint:
            yield Blocker(
                subject=existing.name,
                description=f"a constraint uses the index {index.name} over columns that every heartbeat changes; "
                "drop the constraint",
            )


def _obstructive_indexes(target: TargetTable, existing: ExistingTable) -> Iterator[ExistingIndex]:
    return (index for index in existing.indexes if index.columns & target.unindexed)


def _index_changes(target: TargetTable, existing: ExistingTable) -> Iterator[Change]:
    for index in _obstructive_indexes(target, existing):
        yield Change(
            statement=f"DROP INDEX {index.name}",
            note=f"{target.name}: index {index.name} dropped, because it ruled out HOT updates. "
            f"It was: {index.definition}",
        )


def _missing_indexes(target: TargetTable, existing: ExistingTable) -> Iterator[TargetIndex]:
    kept = set(existing.indexes).difference(_obstructive_indexes(target, existing))
    return (index for index in target.indexes if not any(present.finds(index.key, index.method) for present in kept))


def _creation(target: TargetTable) -> tuple[Change, ...]:
    table = Change(statement=target.create_statement, note=f"{target.name}: created.")
    return (table, *(_index_creation(target, index) for index in target.indexes))


def _index_creation(target: TargetTable, index: TargetIndex) -> Change:
    # PostgreSQL chooses the name, so that it can't be one that the platform uses.
    return Change(
        statement=f"CREATE INDEX ON {target.name} USING {index.method} ({index.key})",
        note=f"{target.name}: index over {index.key} created, for {index.purpose}.",
    )


def _column_changes(target: TargetTable, column: TargetColumn, existing: ExistingTable) -> Iterator[Change]:
    present = existing.columns.get(column.name)
    where = f"{target.name}.{column.name}"
    if present is None and column.if_missing is IfMissing.LEAVE_OUT:
        return
    if present is None:
        statement = f"ALTER TABLE {target.name} ADD COLUMN {column.addition}"
        yield Change(statement=statement, note=f"{where}: added as {column.type}.")
        return
    alter = f"ALTER TABLE {target.name} ALTER COLUMN {column.name}"
    if _needs_conversion(column, present):
        note = f"{where}: {present.type} became {column.type}. {column.conversion}".rstrip()
        yield Change(statement=f"{alter} TYPE {column.type}", note=note)
    if column.documented:
        yield from _documented_changes(column, present, alter, where)


def _documented_changes(column: TargetColumn, present: ExistingColumn, alter: str, where: str) -> Iterator[Change]:
    if present.not_null and column.default is None:
        yield Change(statement=f"{alter} DROP NOT NULL", note=f"{where}: may be NULL now.")
    # A conversion keeps the old default and casts it twice.
    is_obsolete = present.default is not None and _is_of_another_family(column, present)
    if is_obsolete or _literal(present.default) != _literal(column.default):
        if column.default is None:
            yield Change(statement=f"{alter} DROP DEFAULT", note=f"{where}: default {present.default} dropped.")
        else:
            statement = f"{alter} SET DEFAULT {column.default}"
            yield Change(statement=statement, note=f"{where}: default is now {column.default}.")


def _literal(default: str | None) -> str | None:
    """Return a default without its cast: PostgreSQL prints 'present' as 'present'::character varying."""
    return default.split("::", maxsplit=1)[0] if default is not None else None


def _fillfactor_changes(target: TargetTable, existing: ExistingTable) -> Iterator[Change]:
    if target.fillfactor not in {None, existing.fillfactor}:
        yield Change(
            statement=f"ALTER TABLE {target.name} SET (fillfactor = {target.fillfactor})",
            note=f"{target.name}: fillfactor is now {target.fillfactor}, so that updates stay on their page.",
        )
