"""What the service says about classes as a whole, and about people at the whiteboard who are on no roster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.evaluation.reviewer.doubts import is_noticed
from benchmarks.evaluation.reviewer.lesson import Lesson, Person, times
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.reviewer.review import Review, review
from benchmarks.evaluation.scoring import lesson_of
from benchmarks.evaluation.simulation.simulate import SimulatedClass
from benchmarks.evaluation.time_ranges import clip, union


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedClass:
    """One class, before the service is asked."""

    number: int
    #: Whether at least one student attended; None: there is only one student, or not all could come.
    review: Review | None
    #: The marks of its students, of those who are decidable and not near a limit.
    marks: frozenset[Mark]
    #: Guests and substitutes, by users.id: those who were surely seen, and those who never came.
    came: frozenset[int]
    stayed_away: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedClass:
    """The same, with what the service says."""

    expected: ExpectedClass
    #: About the class as a whole.
    suggested: Verdict
    #: Who was at the whiteboard without being on the roster, by users.id.
    guests: frozenset[int]

    @property
    def is_right(self) -> bool:
        """Whether the suggestion for the class matches the reviewer's mark for it."""
        return self.expected.review is None or self.expected.review.agrees(self.suggested)

    @property
    def is_too_sure(self) -> bool:
        """Whether one status for all has high confidence although the students differ."""
        return len(self.expected.marks) > 1 and self.suggested.confidence is Confidence.HIGH

    @property
    def names_guests(self) -> bool:
        """Whether exactly those are named as guests or substitutes who came."""
        return self.expected.came <= self.guests and not self.expected.stayed_away & self.guests


def expect_class(simulated: SimulatedClass) -> ExpectedClass:
    """Return what the reviewer says about a class as a whole."""
    lesson = lesson_of(simulated)
    reviews = [review(lesson, student) for student in lesson.students]
    guests = [
        (person, seen.presence)
        for person, seen in zip(simulated.people, lesson.as_seen.people, strict=True)
        if not person.plan.is_judged
    ]
    return ExpectedClass(
        number=simulated.plan.number,
        review=_review_of_class(lesson) if simulated.plan.size > 1 else None,
        marks=frozenset(it.mark for it in reviews if it.mark is not None and it.is_decidable and not it.is_borderline),
        came=frozenset(guest.plan.user_id for guest, seen in guests if is_noticed(clip(seen, lesson.window))),
        stayed_away=frozenset(guest.plan.user_id for guest, _ in guests if not guest.truth),
    )


def decidable(judged: Iterable[JudgedClass]) -> list[JudgedClass]:
    """Return the classes of several students whose mark is decidable and not near a limit."""
    return [
        one
        for one in judged
        if one.expected.review is not None
        and one.expected.review.is_decidable
        and not one.expected.review.is_borderline
    ]


def differing(judged: Iterable[JudgedClass]) -> list[JudgedClass]:
    """Return the classes whose students differ."""
    return [one for one in judged if len(one.expected.marks) > 1]


def with_guests(judged: Iterable[JudgedClass]) -> list[JudgedClass]:
    """Return the classes with others on the whiteboard's list, except those who may have been seen or not."""
    return [one for one in judged if one.expected.came or one.expected.stayed_away]


def _review_of_class(lesson: Lesson) -> Review | None:
    if not all(student.is_listed for student in lesson.students):
        return None
    return review(lesson, Person(is_tutor=False, presence=union(times(lesson.students))))
