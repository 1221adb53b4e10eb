from __future__ import annotations

import pytest

from testkit.pytest_plugins.parallel import MAX_WORKERS, start_rank, unit_of, worker_count
from testkit.source_tree import ROOT


@pytest.mark.parametrize("path", ["tests/unit/testkit/test_parallel.py", "tests/unit/testkit", "tests/e2e/browser"])
def test_few_units_are_not_worth_the_start_of_workers(path: str) -> None:
    assert worker_count([ROOT / path], root=ROOT, only_some=False) == 0


def test_all_tests_run_on_several_workers() -> None:
    assert 2 <= worker_count([ROOT / "tests"], root=ROOT, only_some=False) <= MAX_WORKERS


def test_tests_that_are_chosen_by_name_run_in_one_process() -> None:
    assert worker_count([ROOT / "tests"], root=ROOT, only_some=True) == 0


def test_a_file_is_a_unit() -> None:
    assert unit_of("tests/unit/test_a.py::TestB::test_c[d::e]") == "tests/unit/test_a.py"


def test_all_files_that_share_a_browser_are_one_unit() -> None:
    assert unit_of("tests/e2e/browser/test_a.py::test_b") == unit_of("tests/e2e/browser/test_c.py::test_d")


def test_long_units_start_first() -> None:
    pages, unit = "tests/e2e/pages/test_a.py::test_b", "tests/unit/test_a.py::test_b"
    assert sorted([unit, pages], key=start_rank) == [pages, unit]
