"""The database role of a service: created if it is missing, with the fewest privileges.

See docs/architecture.md#database-roles.

Roles belong to the whole cluster, so another database's migration may be creating the same one at the same time.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from psycopg2.extensions import encrypt_password
from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.database.migration.adoption import Blocker
from servicekit.database.migration.existing import column_names
from servicekit.database.migration.transaction import execute_verbatim

#: The setting for no role; PostgreSQL reserves the word, and `SET ROLE none` means the same.
NO_ROLE = "none"
#: Since this version the SET, INHERIT and ADMIN options of a membership are granted separately.
SEPARATE_MEMBERSHIP_OPTIONS = (16,)

_ROLE_EXISTS = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
_LOGIN = text(
    "SELECT rolname::text AS name, rolsuper OR rolcreaterole AS creates FROM pg_roles WHERE rolname = current_user"
)
_QUOTED = text("SELECT quote_ident(:identifier)")
_HAS_ROLE = text("SELECT pg_has_role(current_user, CAST(:role AS name), :privilege)")

#: One statement, so that the transaction survives if another migration creates the role first.
_CREATE_ROLE = """
DO $do$
BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$do$
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRole:
    """A service's role in the database."""

    #: Empty or NO_ROLE: the service acts as its login.
    name: str
    #: The environment variable that names it.
    setting: str
    #: With one, the service logs in as this role. Without, it has a login of its own that may act as the role.
    password: str = field(default="", repr=False)

    @property
    def is_used(self) -> bool:
        """Whether the service acts as a role of its own."""
        return self.name not in {"", NO_ROLE}


#: For a history without such a role.
NO_SERVICE_ROLE = ServiceRole(name=NO_ROLE, setting="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Privileges on one table, or on those of the named columns that exist."""

    table: str
    privileges: tuple[str, ...]
    columns: tuple[str, ...] = ()

    def statement(self, role: str, existing: Container[str]) -> str:
        """Return the SQL for a role, whose name is quoted already, and a table with the `existing` columns."""
        names = ", ".join(name for name in self.columns if name in existing)
        columns = f" ({names})" if self.columns else ""
        privileges = ", ".join(f"{privilege}{columns}" for privilege in self.privileges)
        return f"GRANT {privileges} ON {self.table} TO {role}"


def role_blockers(connection: Connection, role: ServiceRole) -> tuple[Blocker, ...]:
    """Return what keeps the migrating login from creating the role or acting as it."""
    if not role.is_used:
        return ()
    login = connection.execute(_LOGIN).mappings().one()
    exists = connection.execute(_ROLE_EXISTS, {"role": role.name}).scalar_one()
    if exists and (_can_act_as(connection, role.name) or _may_grant(connection, role.name)):
        return ()
    if not exists and login["creates"]:
        return ()
    creation = "" if exists else f"CREATE ROLE {_quoted(connection, role.name)} NOLOGIN; "
    grant = f"GRANT {_quoted(connection, role.name)} TO {_quoted(connection, login['name'])};"
    obstacle = "may not act as it" if exists else "may not create it"
    return (
        Blocker(
            subject=f"role {role.name}",
            description=f"{login['name']} {obstacle}. Either let an administrator run: {creation}{grant} "
            f"or set {role.setting}={NO_ROLE}: the login itself then acts in its place, "
            "and the database no longer keeps apart what each may do",
        ),
    )


def ensure_role(connection: Connection, role: ServiceRole) -> None:
    """Create the role if it is missing, and let the migrating login act as it, or log in as it with its password."""
    quoted = _quoted(connection, role.name)
    if not connection.execute(_ROLE_EXISTS, {"role": role.name}).scalar_one():
        execute_verbatim(connection, _CREATE_ROLE.format(role=quoted))
    if not _can_act_as(connection, role.name):
        execute_verbatim(connection, f"GRANT {quoted} TO CURRENT_USER")
    if role.password:
        # Hashed here, because statements may be logged.
        hashed = encrypt_password(role.password, role.name, scope=connection.connection.driver_connection)
        execute_verbatim(connection, f"ALTER ROLE {quoted} LOGIN PASSWORD '{hashed}'")


def grant_all(
    connection: Connection, role: ServiceRole, grants: tuple[Grant, ...], functions: tuple[str, ...] = ()
) -> None:
    """Give the role its privileges; those that it has already do not change."""
    quoted = _quoted(connection, role.name)
    schema = execute_verbatim(connection, "SELECT quote_ident(current_schema())").scalar_one()
    execute_verbatim(connection, f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
    for grant in grants:
        execute_verbatim(connection, grant.statement(quoted, column_names(connection, grant.table)))
    for function in functions:
        execute_verbatim(connection, f"GRANT EXECUTE ON FUNCTION {function} TO {quoted}")


def _can_act_as(connection: Connection, role: str) -> bool:
    return _has_role(connection, role, "SET" if _separate_options(connection) else "MEMBER")


def _may_grant(connection: Connection, role: str) -> bool:
    if _has_role(connection, role, "MEMBER WITH ADMIN OPTION"):
        return True
    return not _separate_options(connection) and bool(connection.execute(_LOGIN).mappings().one()["creates"])


def _has_role(connection: Connection, role: str, privilege: str) -> bool:
    return bool(connection.execute(_HAS_ROLE, {"role": role, "privilege": privilege}).scalar_one())


def _separate_options(connection: Connection) -> bool:
    return (connection.dialect.server_version_info or ()) >= SEPARATE_MEMBERSHIP_OPTIONS


def _quoted(connection: Connection, identifier: str) -> str:
    return str(connection.execute(_QUOTED, {"identifier": identifier}).scalar_one())
