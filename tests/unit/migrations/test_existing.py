from __future__ import annotations

import pytest

from servicekit.database.migration.existing import ExistingColumn


@pytest.mark.parametrize(
    ("printed", "base_type", "size"),
    [
        ("integer", "integer", None),
        ("integer[]", "integer[]", None),
        ("character varying(20)", "character varying", 20),
        ("character varying", "character varying", None),
        ("timestamp(3) without time zone", "timestamp without time zone", 3),
        ("timestamp with time zone", "timestamp with time zone", None),
        ("numeric(10,2)", "numeric", 10),
    ],
)
def test_a_type_is_separated_from_its_size(printed: str, base_type: str, size: int | None) -> None:
    column = ExistingColumn(name="any", type=printed)
    assert (column.base_type, column.size) == (base_type, size)
