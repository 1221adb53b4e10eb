"""PostgreSQL array literals: the cheapest way to pass many rows to one statement."""

from __future__ import annotations

from collections.abc import Iterable


def integers(values: Iterable[int | None]) -> str:
    """Return an array literal for a cast such as `CAST(:ids AS bigint[])`.

    For the driver and the server's parser, one string takes half the time of an `ARRAY[...]` expression.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def numbers(values: Iterable[int]) -> str:
    """Return an array literal as `integers` does, but faster, because no value may be None."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str]) -> str:
    """Return an array literal for a cast to text[]."""
    return "{" + ",".join([f'"{value}"' if value.isidentifier() else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
