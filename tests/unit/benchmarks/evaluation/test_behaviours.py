from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.moments import MINUTE, Stretch
from benchmarks.evaluation.simulation.behaviours import stay
from benchmarks.evaluation.simulation.words import Behaviour

SEEDS = st.integers()
LENGTHS = st.integers(10, 90).map(lambda length: length * MINUTE)


@given(behaviour=st.sampled_from([it for it in Behaviour if it is not Behaviour.NO_SHOW]), length=LENGTHS, seed=SEEDS)
def test_whoever_comes_stays_for_a_while(behaviour: Behaviour, length: int, seed: int) -> None:
    there = stay(behaviour, length, Random(seed))
    assert there is not None
    assert there.length > 0


@given(length=LENGTHS, seed=SEEDS)
def test_an_early_joiner_is_gone_before_the_start(length: int, seed: int) -> None:
    there = stay(Behaviour.EARLY_JOINER, length, Random(seed))
    assert there is not None
    assert there.end < 0


@given(length=LENGTHS, seed=SEEDS)
def test_late_people_come_after_five_minutes(length: int, seed: int) -> None:
    there = stay(Behaviour.LATE, length, Random(seed))
    assert there is not None
    assert 5 * MINUTE <= there.start <= 15 * MINUTE


@given(length=LENGTHS, seed=SEEDS)
def test_whoever_drops_out_is_gone_before_half_of_it_is_over(length: int, seed: int) -> None:
    there = stay(Behaviour.DROP_OUT, length, Random(seed))
    assert there is not None
    assert there.overlap(Stretch(0, length)) <= length / 2


def test_a_no_show_never_comes() -> None:
    assert stay(Behaviour.NO_SHOW, MINUTE, Random(1)) is None
