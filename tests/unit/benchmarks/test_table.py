from __future__ import annotations

from benchmarks.report import at_least, at_most
from benchmarks.table import render


def test_names_stand_to_the_left_and_figures_to_the_right() -> None:
    assert render(("", "beats/s"), [("service", "1"), ("x", "1,000")]).splitlines() == [
        "         beats/s",
        "-------  -------",
        "service        1",
        "x          1,000",
    ]


def test_a_goal_is_met_at_its_limit() -> None:
    assert at_least("rate", 100, 100).is_met
    assert at_most("latency", 30, 30).is_met
    assert not at_most("latency", 31, 30).is_met
