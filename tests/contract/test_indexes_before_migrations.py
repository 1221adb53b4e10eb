"""docs/operations.md lists the indexes that may be created before their migration, as the migration creates them."""

from __future__ import annotations

from attendance_service.migrations.versions import r0012_erasure_by_index
from testkit.source_tree import ROOT


def test_the_statements_are_those_of_the_migrations_without_holding_up_writes() -> None:
    documented = [
        line.removesuffix(";")
        for line in (ROOT / "docs" / "operations.md").read_text().splitlines()
        if line.startswith("CREATE INDEX")
    ]
    created = r0012_erasure_by_index.NEW_RELATIONS.values()
    assert documented == [statement.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY") for statement in created]
