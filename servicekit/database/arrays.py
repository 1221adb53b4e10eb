"""PostgreSQL array literals: the cheapest way to pass many rows to one statement."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


def integers(values: Iterable[int | None]) -> str:
    """Return an array literal for a cast such as `CAST(:ids AS bigint[])`.

    For the driver and the server's parser, one string takes half the time of an `ARRAY[...]` expression.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def numbers(values: Iterable[int]) -> str:
    """Return an array literal as `integers` does, but faster, because no value may be None."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Return an array literal for a cast to text[]. The driver takes five times as long for a list."""
    return "{" + ",".join([_text(value) for value in values]) + "}"


def uuids(values: Iterable[UUID | None]) -> str:
    """Return an array literal for a cast to uuid[]."""
    return "{" + ",".join(["NULL" if value is None else value.hex for value in values]) + "}"


def byte_strings(values: Iterable[bytes]) -> str:
    """Return an array literal for a cast to bytea[]."""
    return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"


def _text(value: str | None) -> str:
    if value is None:
        return "NULL"
    if value.isidentifier():
        return f'"{value}"'
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
