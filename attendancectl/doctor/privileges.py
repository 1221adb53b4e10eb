"""Whether the roles are there and have their privileges, and whether both histories are at their heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from attendance_service.migrations.history import HISTORY as ATTENDANCE
from attendancectl.doctor.findings import Finding, failed, ok, skipped, warning
from attendancectl.settings import OperatorSettings
from servicekit.database.migration.history import History
from servicekit.database.migration.roles import NO_ROLE, Grant
from tracking_service.migrations.history import HISTORY as TRACKING

_ROLE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
_LOGIN = text("""
    SELECT current_user::text AS name, rolsuper AS is_superuser,
        pg_has_role(current_user, (SELECT tableowner FROM pg_tables
            WHERE tablename = 'session_groups' AND schemaname = current_schema()), 'MEMBER') AS is_owner
    FROM pg_roles WHERE rolname = current_user
""")
_MAY_ACT_AS = text("SELECT pg_has_role(current_user, CAST(:role AS name), 'MEMBER')")
_COLUMNS = text("""
    SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped
""")
_MAY_TABLE = text("SELECT has_table_privilege(:role, to_regclass(:table), :privilege)")
_MAY_COLUMN = text("SELECT has_column_privilege(:role, to_regclass(:table), :column, :privilege)")
_MAY_CALL = text("SELECT has_function_privilege(:role, to_regprocedure(:function), 'EXECUTE')")
_READABLE = text("SELECT has_table_privilege(to_regclass(:table), 'SELECT')")
_MIGRATE: Final = "run `attendancectl migrate` as the tables' owner"


class _Role(NamedTuple):
    name: str
    variable: str
    grants: tuple[Grant, ...]
    functions: tuple[str, ...]


def migration_findings(connection: Connection) -> Iterator[Finding]:
    """Return at which revision each history is."""
    for history in (TRACKING, ATTENDANCE):
        yield _head(connection, history)


def role_findings(connection: Connection, settings: OperatorSettings) -> Iterator[Finding]:
    """Return who this login is, and what each role lacks."""
    login = connection.execute(_LOGIN).mappings().one()
    roles = _roles(settings)
    if login["is_superuser"] or login["is_owner"]:
        step = "for a service: a DATABASE_URL with its own role and password (docs/operations.md#migrations)"
        yield warning("login", f"{login['name']} may rewrite everything; only migrations need that", step)
    else:
        yield ok("login", f"{login['name']} does not own the tables")
    for role in roles:
        yield _role(connection, role)


def _roles(settings: OperatorSettings) -> tuple[_Role, ...]:
    return (
        _Role(settings.tracking_database_role, "TRACKING_DATABASE_ROLE", TRACKING.grants, TRACKING.functions),
        _Role(settings.attendance_database_role, "ATTENDANCE_DATABASE_ROLE", ATTENDANCE.grants, ATTENDANCE.functions),
        _Role(
            settings.tracking_erasure_role, "TRACKING_ERASURE_ROLE", TRACKING.erasure_grants, TRACKING.erasure_functions
        ),
        _Role(
            settings.attendance_erasure_role,
            "ATTENDANCE_ERASURE_ROLE",
            ATTENDANCE.erasure_grants,
            ATTENDANCE.erasure_functions,
        ),
    )


def _head(connection: Connection, history: History) -> Finding:
    check = f"migrations of the {history.service.replace('_', ' ')}"
    readable = connection.execute(_READABLE, {"table": history.version_table}).scalar()
    if readable is None:
        return failed(check, "not migrated yet", _MIGRATE)
    if not readable:
        return skipped(check, "this login may not read its revision")
    revision = connection.execute(text(f"SELECT max(version_num) FROM {history.version_table}")).scalar()  # noqa: S608 - a constant of ours
    newest = history.newest_revision
    if revision is None or revision < newest:
        return failed(check, f"at revision {revision}, and this version needs {newest}", _MIGRATE)
    if revision > newest:
        return warning(
            check, f"at revision {revision}, later than {newest} of this version", "bring this program up to date"
        )
    return ok(check, f"at the head, {revision}")


def _role(connection: Connection, role: _Role) -> Finding:
    check = f"role {role.name}"
    if role.name in {"", NO_ROLE}:
        return ok(f"{role.variable}", "none: the login acts itself")
    if not connection.execute(_ROLE_EXISTS, {"role": role.name}).scalar_one():
        return failed(check, "is not there", f"{_MIGRATE}, or correct {role.variable}")
    missing = list(_missing(connection, role))
    if missing:
        return failed(check, f"lacks {missing[0]}" + (f" and {len(missing) - 1} more" if missing[1:] else ""), _MIGRATE)
    if not connection.execute(_MAY_ACT_AS, {"role": role.name}).scalar_one():
        return ok(check, "has its privileges; this login may not act as it")
    return ok(check, "has its privileges")


def _missing(connection: Connection, role: _Role) -> Iterator[str]:
    for grant in role.grants:
        existing = set(connection.execute(_COLUMNS, {"table": grant.table}).scalars())
        if not existing:
            yield f"the table {grant.table}"
            continue
        yield from _missing_of_table(connection, role.name, grant, existing)
    for function in role.functions:
        if not connection.execute(_MAY_CALL, {"role": role.name, "function": function}).scalar():
            yield f"EXECUTE on {function.partition('(')[0]}"


def _missing_of_table(connection: Connection, role: str, grant: Grant, existing: set[str]) -> Iterator[str]:
    for privilege in grant.privileges:
        known = {"role": role, "table": grant.table, "privilege": privilege}
        if not grant.columns:
            if not connection.execute(_MAY_TABLE, known).scalar_one():
                yield f"{privilege} on {grant.table}"
            continue
        for column in existing.intersection(grant.columns):
            if not connection.execute(_MAY_COLUMN, {**known, "column": column}).scalar_one():
                yield f"{privilege} ({column}) on {grant.table}"
