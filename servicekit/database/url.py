"""The URL of the database, as operators write it and as SQLAlchemy reads it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_SEVERAL_HOSTS = re.compile(
    r"(?P<login>[^:/?]+://(?:[^@/?]*@)?)(?P<hosts>[^@/?,]+(?:,[^@/?,]+)+)(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)


def sqlalchemy_url(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL URL, with several servers as well, and name the psycopg2 driver."""
    parsed = make_url(_several_hosts_as_query(url))
    return parsed.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def _several_hosts_as_query(url: str) -> str:
    """Write `user@one:5432,two:5432/database` as SQLAlchemy reads it; libpq tries the servers one after the other."""
    found = _SEVERAL_HOSTS.fullmatch(url)
    if found is None:
        return url
    hosts = "&".join(f"host={host}" for host in found["hosts"].split(","))
    return f"{found['login']}/{found['database'] or ''}?{hosts}{'&' if found['query'] else ''}{found['query'] or ''}"


def _valid(url: str) -> str:
    try:
        sqlalchemy_url(url)
    except (ArgumentError, ValueError):
        # Without the cause, which may have the password.
        raise ValueError("is not valid; write postgresql://user:password@host:5432/database") from None
    return url


def _valid_secret(url: SecretStr) -> SecretStr:
    if url.get_secret_value():
        _valid(url.get_secret_value())
    return url


#: A setting with the URL of one server or several (docs/postgresql.md#failover).
DatabaseUrl = Annotated[SecretStr, AfterValidator(_valid_secret)]
PlainDatabaseUrl = Annotated[str, AfterValidator(_valid)]
