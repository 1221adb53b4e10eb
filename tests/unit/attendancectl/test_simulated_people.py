from __future__ import annotations

from itertools import islice, pairwise

import pytest

from attendancectl.simulation.people import Action, Person, Rhythm, Step, steps

PEOPLE = [Person(session_id=1, user_id=number, user_type="student") for number in range(20)]
#: For some minutes of all of them.
STEPS = 2_000


def rhythm(*, closes_lid: float = 0.0, leaves: float = 0.0) -> Rhythm:
    return Rhythm(interval=15, presence_timeout=75, ramp=15, closes_lid=closes_lid, leaves=leaves)


def of_each(made: list[Step]) -> list[list[Step]]:
    return [[step for step in made if step.person == person] for person in PEOPLE]


def test_everybody_connects_within_the_ramp_and_then_beats() -> None:
    made = list(islice(steps(PEOPLE, rhythm()), STEPS))
    for own in of_each(made):
        first, *rest = own
        assert (first.action, first.at <= 15) == (Action.CONNECT, True)
        assert {step.action for step in rest} == {Action.HEARTBEAT, Action.STROKE}
        assert {round(later.at - earlier.at, 6) for earlier, later in zip(own, rest, strict=False)} == {15.0}


def test_steps_come_in_the_order_of_time() -> None:
    times = [step.at for step in islice(steps(PEOPLE, rhythm(closes_lid=0.1, leaves=0.1)), STEPS)]
    assert times == sorted(times)


def test_whoever_closes_the_lid_is_silent_for_longer_than_the_timeout_and_connects_anew() -> None:
    for own in of_each(list(islice(steps(PEOPLE, rhythm(closes_lid=0.1)), STEPS))):
        returns = [later.at - earlier.at for earlier, later in pairwise(own) if later.action == "connect"]
        assert returns
        assert min(returns) > 75


def test_whoever_leaves_says_so_and_may_come_back() -> None:
    for own in of_each(list(islice(steps(PEOPLE, rhythm(leaves=0.2)), STEPS))):
        after = [later.action for earlier, later in pairwise(own) if earlier.action == "disconnect"]
        assert set(after) == {Action.CONNECT}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_makes_the_same_again(seed: int) -> None:
    made = [list(islice(steps(PEOPLE, rhythm(leaves=0.1), seed=seed), 200)) for _ in range(2)]
    assert made[0] == made[1]
