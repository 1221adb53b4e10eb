"""Runs the evaluation at toy size, through both real services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.evaluation.live.services import Services, run_services
from benchmarks.evaluation.outcomes import clean as clean_outcomes
from benchmarks.evaluation.run import evaluate, replay
from benchmarks.evaluation.scoring import is_right, service
from benchmarks.evaluation.tables import render
from development.postgres import EmbeddedPostgres
from testkit.postgres import fresh_database

SEED = 3
CLASSES = range(1, 49)
#: Not one of CLASSES: both tests share a database.
REPLAYED = 49


@pytest.fixture(scope="module")
def running(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Services]:
    with fresh_database(postgres_server, template=migrated_template) as url, run_services(url) as started:
        yield started


def test_all_clean_classes_are_judged_right(running: Services) -> None:
    results = evaluate(running, SEED, CLASSES).results
    judged = results.people
    assert {one.expected.number for one in judged} == set(CLASSES)
    clean = [one for one in judged if not one.expected.faults]
    assert len(clean) > len(CLASSES) / 4
    assert [one for one in clean if not is_right(one, service)] == []
    assert [one for one in clean_outcomes(results.lessons) if not (one.is_right and one.has_right_overlap)] == []
    assert len(results.classes) == len(CLASSES)
    assert [one for one in results.classes if one.is_too_sure or not one.names_guests] == []
    for title in (
        "How often a suggestion is right",
        "By behaviour",
        "By situation",
        "By fault",
        "What became",
        "Goals",
    ):
        assert title in render(results, SEED)


def test_a_replay_prints_one_class_from_its_truth_to_its_suggestion(running: Services) -> None:
    timeline = replay(running, SEED, REPLAYED)
    for part in (f"Class {REPLAYED}:", "truth", "telemetry", "facts", "reviewer", "suggestion", "outcome"):
        assert part in timeline
