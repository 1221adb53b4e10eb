from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evaluation.simulation.behaviours import stay
from benchmarks.evaluation.simulation.plan import Behaviour
from benchmarks.evaluation.time_ranges import MINUTE, TimeRange

SEEDS = st.integers()
LENGTHS = st.integers(10, 90).map(lambda length: length * MINUTE)


@given(behaviour=st.sampled_from([it for it in Behaviour if it is not Behaviour.NO_SHOW]), length=LENGTHS, seed=SEEDS)
def test_every_visit_has_a_length(behaviour: Behaviour, length: int, seed: int) -> None:
    present = stay(behaviour, length, Random(seed))
    assert present is not None
    assert present.length > 0


@given(length=LENGTHS, seed=SEEDS)
def test_an_early_joiner_leaves_before_the_start(length: int, seed: int) -> None:
    present = stay(Behaviour.EARLY_JOINER, length, Random(seed))
    assert present is not None
    assert present.end < 0


@given(length=LENGTHS, seed=SEEDS)
def test_a_late_person_arrives_after_five_to_fifteen_minutes(length: int, seed: int) -> None:
    present = stay(Behaviour.LATE, length, Random(seed))
    assert present is not None
    assert 5 * MINUTE <= present.start <= 15 * MINUTE


@given(length=LENGTHS, seed=SEEDS)
def test_a_drop_out_leaves_in_the_first_half(length: int, seed: int) -> None:
    present = stay(Behaviour.DROP_OUT, length, Random(seed))
    assert present is not None
    assert present.overlap(TimeRange(0, length)) <= length / 2


@given(length=LENGTHS, seed=SEEDS)
def test_an_overstayer_leaves_long_after_the_end(length: int, seed: int) -> None:
    present = stay(Behaviour.OVERSTAYER, length, Random(seed))
    assert present is not None
    assert present.end >= length + 8 * MINUTE


@given(length=LENGTHS, seed=SEEDS)
def test_one_who_waits_comes_on_time_and_gives_up_no_later_than_the_end(length: int, seed: int) -> None:
    present = stay(Behaviour.WAITER, length, Random(seed))
    assert present is not None
    assert present.start <= 5 * MINUTE
    assert 8 * MINUTE <= present.end <= length


def test_a_no_show_never_comes() -> None:
    assert stay(Behaviour.NO_SHOW, MINUTE, Random(1)) is None
