"""Which database errors a retry may heal."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from servicekit.errors import StorageConflict, StorageUnavailable

#: SQLSTATE codes: serialization failure, deadlock, a lock that was not to be had in time. The database is there, and a
#: retry need not wait.
CONFLICT_CODES = frozenset({"40001", "40P01", "55P03"})
#: SQLSTATE classes: connection exceptions, other rollbacks, insufficient resources, operator intervention (shutdown,
#: cancelled statement).
TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57"})
#: A standby that became primary a moment too late.
TRANSIENT_CODES = frozenset({"25006"})


def as_transient(error: DBAPIError) -> StorageUnavailable | None:
    """Return what callers are told where the same statements may succeed later; None where they never will.

    StorageConflict where another transaction was in the way; else the database is away, busy or shutting down.
    """
    if error.connection_invalidated:
        return StorageUnavailable()
    code: str | None = getattr(error.orig, "pgcode", None)
    if code in CONFLICT_CODES:
        return StorageConflict()
    return StorageUnavailable() if _may_pass(error, code) else None


def _may_pass(error: DBAPIError, code: str | None) -> bool:
    if code is None:
        # The server never answered: psycopg2 gives no code for a connection it could not make or lost.
        return type(error.orig).__name__ in {"OperationalError", "InterfaceError"}
    return code[:2] in TRANSIENT_CLASSES or code in TRANSIENT_CODES
