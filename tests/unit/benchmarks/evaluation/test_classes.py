from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.evaluation.classes import ExpectedClass, JudgedClass, decidable, differing, expect_class, with_guests
from benchmarks.evaluation.goals import goals
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.reviewer.review import Review
from benchmarks.evaluation.simulation.plan import Behaviour, ClassPlan, PersonPlan, Place, Role
from benchmarks.evaluation.simulation.simulate import simulate
from benchmarks.evaluation.time_ranges import MINUTE

GUEST = 709


def expected(*behaviours: Behaviour, guest: Behaviour | None = None) -> ExpectedClass:
    """Return what is expected of a class of an hour with a punctual tutor and such students."""
    people = [PersonPlan(role=Role.TUTOR, user_id=700, behaviour=Behaviour.PUNCTUAL)]
    people += [PersonPlan(role=Role.STUDENT, user_id=701 + place, behaviour=it) for place, it in enumerate(behaviours)]
    if guest is not None:
        people.append(PersonPlan(role=Role.STUDENT, user_id=GUEST, behaviour=guest, place=Place.WHITEBOARD))
    plan = ClassPlan(number=7, starts_at=0, length=60 * MINUTE, people=tuple(people))
    return expect_class(simulate(1, plan))


def judged(of_class: ExpectedClass, *suggested: str, guests: frozenset[int] = frozenset()) -> JudgedClass:
    mark, confidence = suggested or ("present", "high")
    return JudgedClass(expected=of_class, suggested=Verdict(Mark(mark), Confidence(confidence)), guests=guests)


def test_a_class_of_one_student_has_no_mark_of_its_own() -> None:
    assert expected(Behaviour.PUNCTUAL).review is None
    assert decidable([judged(expected(Behaviour.PUNCTUAL))]) == []


def test_a_class_is_present_if_somebody_was_there() -> None:
    of_class = expected(Behaviour.PUNCTUAL, Behaviour.NO_SHOW)
    assert of_class.review is not None
    assert of_class.review.mark is Mark.PRESENT
    assert judged(of_class).is_right
    assert not judged(of_class, "absent", "low").is_right


def test_a_class_whose_students_differ_must_not_be_sure() -> None:
    of_class = expected(Behaviour.PUNCTUAL, Behaviour.NO_SHOW)
    assert judged(of_class).is_too_sure
    assert not judged(of_class, "present", "medium").is_too_sure
    assert not judged(expected(Behaviour.NO_SHOW, Behaviour.NO_SHOW)).is_too_sure
    assert differing([judged(of_class), judged(expected(Behaviour.NO_SHOW, Behaviour.NO_SHOW))]) == [judged(of_class)]


@pytest.mark.parametrize("sure", [True, False])
def test_one_class_that_is_sure_of_students_who_differ_misses_a_goal(*, sure: bool) -> None:
    of_class = expected(Behaviour.PUNCTUAL, Behaviour.NO_SHOW)
    one = judged(of_class, "present", "high" if sure else "low")
    assert sum(not check.is_met for check in goals(Results(classes=[one]))) == sure


def test_a_guest_who_came_has_to_be_named_and_one_who_did_not_come_must_not_be() -> None:
    came = expected(Behaviour.PUNCTUAL, guest=Behaviour.PUNCTUAL)
    stayed_away = expected(Behaviour.PUNCTUAL, guest=Behaviour.NO_SHOW)
    named, nobody = frozenset({GUEST}), frozenset[int]()
    assert (came.came, came.stayed_away) == (named, nobody)
    assert (stayed_away.came, stayed_away.stayed_away) == (nobody, named)
    assert [judged(came, guests=named).names_guests, judged(came).names_guests] == [True, False]
    assert [judged(stayed_away, guests=named).names_guests, judged(stayed_away).names_guests] == [False, True]


def test_classes_without_others_do_not_count_where_guests_are_counted() -> None:
    alone = judged(expected(Behaviour.PUNCTUAL))
    with_guest = judged(expected(Behaviour.PUNCTUAL, guest=Behaviour.PUNCTUAL))
    assert with_guests([alone, with_guest]) == [with_guest]


def test_a_class_near_a_limit_does_not_count() -> None:
    of_class = expected(Behaviour.PUNCTUAL, Behaviour.PUNCTUAL)
    borderline = replace(of_class, review=Review(mark=Mark.PRESENT, is_borderline=True))
    assert decidable([judged(of_class), judged(borderline)]) == [judged(of_class)]
