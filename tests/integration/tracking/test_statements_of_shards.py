"""What Citus asks of statements, checked without it: see docs/several-databases.md#statements."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import numpy as np
import pytest

from testkit.postgres import query
from tracking_service import store
from tracking_service.domain.grouping import GROUPS, Grouping
from tracking_service.store.shards import ShardStatement
from tracking_service.store.sql import IN_SHARD

_TABLES = "whiteboard_sessions|presence_intervals|connection_events|activity_periods|relay_sessions"
#: Where rows of a table are read or changed; the target of an INSERT has the ids of what it selects.
_USES = re.compile(rf"\b(?:FROM|JOIN|UPDATE|USING)\s+(?:{_TABLES})\b")
_FUNCTION = re.compile(r"\b([a-z_0-9]+)\(")


def _statements() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(store.__path__):
        for name, value in vars(import_module(f"{store.__name__}.{module.name}")).items():
            if isinstance(value, ShardStatement):
                yield f"{module.name}.{name}", value.build(IN_SHARD)


STATEMENTS = dict(_statements())
parametrized = pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)


@parametrized
def test_each_use_of_a_table_of_facts_says_the_ids_of_its_sessions(statement: str) -> None:
    assert len(re.findall(r":first_session\b", statement)) == len(_USES.findall(statement)) > 0


@parametrized
def test_everything_that_is_computed_is_immutable(statement: str, module_database: str) -> None:
    called = ", ".join(f"'{name}'" for name in sorted(set(_FUNCTION.findall(statement))))
    mutable = query(
        module_database,
        f"SELECT proname FROM pg_proc WHERE proname IN ({called}) GROUP BY 1 HAVING bool_and(provolatile <> 'i')",  # noqa: S608 - names of ours
    )
    assert mutable == []
    # To add an interval may depend on the time zone.
    assert "interval '" not in statement


@parametrized
def test_no_case_compares_with_constants(statement: str) -> None:
    """Citus loses them where it sends such an expression on."""
    assert re.search(r"\bCASE\s+(?!WHEN)", statement) is None


def test_a_group_holds_the_sessions_whose_hashes_begin_with_its_number(module_database: str) -> None:
    rows = query(
        module_database,
        "SELECT id, CAST((CAST(hashint4(id) AS bigint) + 2147483648) >> 24 AS integer) FROM ("
        "SELECT CAST(number * 8191 % 2147483647 AS integer) AS id FROM generate_series(1, 20000) AS number) AS session",
    )
    ids, hashed = np.array(rows).T
    assert np.array_equal(Grouping(4).groups_of(ids << 32), hashed)
    assert len(set(hashed.tolist())) == GROUPS
