from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.moments import SECOND, Stretch
from benchmarks.evaluation.simulation.breaks import Break
from benchmarks.evaluation.simulation.tabs import Tab, tabs, truth
from benchmarks.evaluation.simulation.words import Fault
from tests.unit.benchmarks.evaluation.build import ALL_FAULTS, minutes

STAY = minutes(0, 50)


def frozen(seconds: int) -> Tab:
    stretch = Stretch(20 * SECOND, (20 + seconds) * SECOND)
    return Tab(name="a", stretch=STAY, breaks=(Break(stretch, Fault.FROZEN_TAB, is_seen=False),))


def test_without_faults_the_truth_is_the_stay() -> None:
    assert truth(tabs(STAY, (), Random(1))) == (STAY,)


def test_a_tab_frozen_for_no_longer_than_the_presence_timeout_is_presence() -> None:
    assert frozen(75).presence == (STAY,)


def test_a_tab_frozen_for_longer_is_none() -> None:
    assert frozen(76).presence == (Stretch(0, 20 * SECOND), Stretch(96 * SECOND, STAY.end))


def test_another_tab_that_is_alive_is_presence() -> None:
    assert truth([frozen(300), Tab(name="b", stretch=minutes(0, 10))]) == (STAY,)


@given(seed=st.integers())
def test_what_breaks_a_connection_off_never_overlaps(seed: int) -> None:
    for tab in tabs(STAY, ALL_FAULTS, Random(seed)):
        ends = [STAY.start, *(moment for it in tab.breaks for moment in it.stretch), tab.stretch.end]
        assert ends == sorted(ends)


@given(seed=st.integers())
def test_nothing_adds_to_the_stay(seed: int) -> None:
    there = truth(tabs(STAY, ALL_FAULTS, Random(seed)))
    assert there[0].start == STAY.start
    assert there[-1].end == STAY.end
    assert all(before.end < after.start for before, after in pairwise(there))
