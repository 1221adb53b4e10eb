"""Families of PostgreSQL types, spelled as its catalog spells them."""

from __future__ import annotations

from typing import Final

INTEGER: Final = frozenset({"integer"})
INTEGERS: Final = frozenset({"smallint", "integer", "bigint"})
INTEGER_ARRAY: Final = frozenset({"integer[]"})
TEXTS: Final = frozenset({"character varying", "text"})
PADDED_TEXT: Final = frozenset({"character"})
ZONED_TIME: Final = frozenset({"timestamp with time zone"})
NAIVE_TIME: Final = frozenset({"timestamp without time zone"})
DATE: Final = frozenset({"date"})
TIME_OF_DAY: Final = frozenset({"time without time zone"})
#: Fractional digits of a PostgreSQL time: microseconds.
TIME_PRECISION: Final = 6
