"""PostgreSQL array literals: the cheapest way to hand many rows to one statement."""

from __future__ import annotations

from collections.abc import Iterable


def integers(values: Iterable[int | None]) -> str:
    """Return an array literal for a cast such as `CAST(:ids AS bigint[])`.

    One string costs the driver and the server's parser half of what an `ARRAY[...]` expression of the same values does.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def numbers(values: Iterable[int]) -> str:
    """Return an array literal as `integers` does, of values none of which is NULL: for very many at once."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str]) -> str:
    """Return an array literal for a cast to text[]."""
    return "{" + ",".join([f'"{value}"' if value.isidentifier() else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
