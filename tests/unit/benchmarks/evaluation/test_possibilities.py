from __future__ import annotations

from benchmarks.evaluation.reviewer.lesson import Person
from benchmarks.evaluation.reviewer.marks import Mark
from benchmarks.evaluation.reviewer.possibilities import possible_presences
from benchmarks.evaluation.reviewer.review import Review, review
from benchmarks.evaluation.time_ranges import SECOND, TimeRange
from tests.unit.benchmarks.evaluation.examples import ONE_HOUR, lesson, minutes, student, tutor

HIDDEN = minutes(20, 30)
WHOLE = minutes(0, 60)


def possible(*presence: TimeRange) -> set[tuple[TimeRange, ...]]:
    return set(possible_presences(presence, HIDDEN, ONE_HOUR))


def reviewed(person: Person, hidden: TimeRange = HIDDEN) -> Review:
    return review(lesson(tutor(WHOLE), person, hidden=hidden), person)


def test_the_truth_comes_first() -> None:
    assert next(possible_presences((minutes(0, 25),), HIDDEN, ONE_HOUR)) == (minutes(0, 25),)


def test_one_who_is_seen_on_both_sides_was_there_throughout() -> None:
    assert possible(minutes(0, 60)) == {(minutes(0, 60),)}
    assert possible(minutes(0, 22), minutes(28, 60)) == {(minutes(0, 22), minutes(28, 60)), (minutes(0, 60),)}


def test_one_who_is_seen_only_before_may_have_left_at_any_time() -> None:
    ends = {presence[-1].end for presence in possible(minutes(0, 25))}
    assert {HIDDEN.start, HIDDEN.end} < ends
    assert len(ends) == 41


def test_one_who_is_seen_only_after_may_have_come_at_any_time() -> None:
    starts = {presence[0].start for presence in possible(minutes(31, 60))}
    assert {HIDDEN.start, HIDDEN.end, 31 * 60 * SECOND} <= starts


def test_one_who_left_before_is_known_to_have_left() -> None:
    assert (minutes(0, 19), minutes(20, 30)) in possible(minutes(0, 19))
    assert (minutes(0, 19), minutes(20, 25)) not in possible(minutes(0, 19))


def test_one_who_is_not_seen_near_a_short_hidden_time_was_not_there() -> None:
    short = minutes(20, 25)
    assert set(possible_presences((), short, ONE_HOUR)) == {()}
    assert possible() == {(), (HIDDEN,)}


def test_an_arrival_in_a_hidden_time_that_decides_between_marks_is_not_decidable() -> None:
    assert not reviewed(student(minutes(10, 60)), minutes(2, 12)).is_decidable
    assert reviewed(student(minutes(10, 60)), minutes(6, 12)).is_decidable


def test_a_departure_that_decides_between_marks_is_not_decidable() -> None:
    assert not reviewed(student(minutes(0, 17)), minutes(15, 25)).is_decidable
    assert reviewed(student(minutes(0, 40)), minutes(35, 45)).is_decidable


def test_whether_the_other_was_there_may_decide_about_one_who_waited() -> None:
    waiting, late = tutor(minutes(0, 17)), student(minutes(14, 60))
    known = lesson(waiting, late, hidden=minutes(13, 18))
    assert review(known, waiting).mark is Mark.ABSENT
    assert not review(known, waiting).is_decidable


def test_a_clock_that_moves_a_person_across_a_limit_leaves_them_undecidable() -> None:
    on_time = student(minutes(3, 60))
    assert not review(lesson(tutor(WHOLE), on_time, clock_offset=240 * SECOND), on_time).is_decidable
    assert review(lesson(tutor(WHOLE), on_time, clock_offset=-240 * SECOND), on_time).is_decidable
