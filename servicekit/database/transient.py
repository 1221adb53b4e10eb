"""Which database errors a retry may heal."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

#: SQLSTATE classes: connection exceptions, rollbacks (deadlock, serialization), insufficient resources,
#: operator intervention (shutdown, cancelled statement).
TRANSIENT_CLASSES = frozenset({"08", "40", "53", "57"})
#: A lock that was not to be had in time; a standby that became primary a moment too late.
TRANSIENT_CODES = frozenset({"55P03", "25006"})


def is_transient(error: DBAPIError) -> bool:
    """Tell whether the same statement may succeed later: the database is away, busy or shutting down."""
    if error.connection_invalidated:
        return True
    code: str | None = getattr(error.orig, "pgcode", None)
    if code is None:
        # The server never answered: psycopg2 gives no code for a connection it could not make or lost.
        return type(error.orig).__name__ in {"OperationalError", "InterfaceError"}
    return code[:2] in TRANSIENT_CLASSES or code in TRANSIENT_CODES
