from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.simulation.plan import Fault
from benchmarks.evaluation.simulation.tabs import Break, Tab, open_tabs, truth
from benchmarks.evaluation.time_ranges import SECOND, TimeRange
from tests.unit.benchmarks.evaluation.examples import ALL_FAULTS, minutes

STAY = minutes(0, 50)


def frozen(seconds: int) -> Tab:
    frozen_range = TimeRange(20 * SECOND, (20 + seconds) * SECOND)
    return Tab(name="a", range=STAY, breaks=(Break(frozen_range, Fault.FROZEN_TAB, is_noticed=False),))


def test_without_faults_the_truth_is_the_stay() -> None:
    assert truth(open_tabs(STAY, (), Random(1))) == (STAY,)


def test_a_tab_frozen_for_no_longer_than_the_presence_timeout_is_presence() -> None:
    assert frozen(75).presence == (STAY,)


def test_a_tab_frozen_for_longer_is_no_presence() -> None:
    assert frozen(76).presence == (TimeRange(0, 20 * SECOND), TimeRange(96 * SECOND, STAY.end))


def test_another_open_tab_is_presence() -> None:
    assert truth([frozen(300), Tab(name="b", range=minutes(0, 10))]) == (STAY,)


@given(seed=st.integers())
def test_breaks_never_overlap(seed: int) -> None:
    for tab in open_tabs(STAY, ALL_FAULTS, Random(seed)):
        ends = [STAY.start, *(time for it in tab.breaks for time in it.range), tab.range.end]
        assert ends == sorted(ends)


@given(seed=st.integers())
def test_tabs_never_extend_the_stay(seed: int) -> None:
    present = truth(open_tabs(STAY, ALL_FAULTS, Random(seed)))
    assert present[0].start == STAY.start
    assert present[-1].end == STAY.end
    assert all(before.end < after.start for before, after in pairwise(present))
