from __future__ import annotations

from benchmarks.report import at_least, at_most, render_table


def test_names_are_aligned_left_and_figures_right() -> None:
    assert render_table(("", "events/s"), [("service", "1"), ("x", "1,000")]).splitlines() == [
        "         events/s",
        "-------  --------",
        "service         1",
        "x           1,000",
    ]


def test_a_goal_is_met_at_its_limit() -> None:
    assert at_least("rate", 100, 100).is_met
    assert at_most("latency", 30, 30).is_met
    assert not at_most("latency", 31, 30).is_met
