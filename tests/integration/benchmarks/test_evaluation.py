"""The evaluation at toy size, through both real services: whatever is clean is judged right, and everything is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.evaluation.live.services import Services, services
from benchmarks.evaluation.run import evaluate, replay
from benchmarks.evaluation.scoring.judged import is_right, ours
from benchmarks.evaluation.scoring.tables import rendered
from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database

SEED = 3
CLASSES = range(1, 49)
#: Not one of them: both tests share a database.
REPLAYED = 49


@pytest.fixture(scope="module")
def running(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Services]:
    with fresh_database(postgres_server, template=migrated_template) as url, services(url) as started:
        yield started


def test_clean_classes_are_all_judged_right(running: Services) -> None:
    judged = evaluate(running, SEED, CLASSES).judged
    assert {one.expected.number for one in judged} == set(CLASSES)
    clean = [one for one in judged if not one.expected.faults]
    assert len(clean) > len(CLASSES) / 4
    assert [one for one in clean if not is_right(one, ours)] == []
    for title in ("How often a suggestion matches", "By what people did", "By what went wrong", "Goals"):
        assert title in rendered(judged)


def test_one_class_is_told_from_its_truth_to_its_suggestion(running: Services) -> None:
    told = replay(running, SEED, REPLAYED)
    for part in (f"Class {REPLAYED}:", "truth", "telemetry", "facts", "reviewer", "suggestion", "old way"):
        assert part in told
