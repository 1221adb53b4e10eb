"""Outcomes of docs/suggestions.md#outcome-of-a-lesson once more, implemented in another way: with sets of seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LATE_FROM = 300
NO_SHOW_AFTER = 900

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person, in whole seconds since the start of the lesson; ends are exclusive."""

    #: (start, end); equal: one sign of life.
    presence: Spans = ()
    unknown: Spans = ()
    #: Whether the whiteboard names them.
    is_listed: bool = True


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Who was there, out of those on the roster and others."""

    length: int
    tutor: Person
    substitute: Person | None
    students: tuple[Person, ...]
    guest: Person | None
    #: Times in which nobody could be seen.
    gaps: Spans = ()

    def expected(self, students: Sequence[Person]) -> tuple[str, int, int, int, int]:
        """Return kind, overlap, how long tutor and students waited, and what is billable, in seconds."""
        tutors = [self.tutor, *([] if self.substitute is None else [self.substitute])]
        with_students = [*students, *([] if self.guest is None else [self.guest])]
        tutor_waited, student_waited = self._waited(tutors, with_students), self._waited(students, tutors)
        overlap = len(self._present(tutors) & self._present(students))
        kind = self._kind(tutors, students, tutor_waited, student_waited)
        billable = {"held": overlap, "student_no_show": min(len(self._present(tutors)), NO_SHOW_AFTER)}.get(kind, 0)
        return kind, overlap, tutor_waited, student_waited, billable

    def _kind(
        self, tutors: Sequence[Person], students: Sequence[Person], tutor_waited: int, student_waited: int
    ) -> str:
        tutor, student = self._seen(tutors), self._seen(students)
        if tutor & student:
            return "held"
        tutor_missing = not self._is_recorded(self.tutor) and not (self.substitute and self._seen([self.substitute]))
        if tutor_missing or not all(map(self._is_recorded, students)):
            return "cannot_know"
        unknown_tutor, unknown_student = self._unknown(tutors), self._unknown(students)
        in_gaps = {at for start, end in self.gaps for at in range(start, end)} & set(range(self.length))
        unobserved = [
            unknown | (in_gaps - self._present(people))
            for unknown, people in ((unknown_tutor, tutors), (unknown_student, students))
        ]
        if 2 * max(map(len, unobserved)) > self.length:
            return "cannot_know"
        if not tutor or not student:
            return {(True, False): "student_no_show", (False, True): "tutor_no_show"}.get(
                (bool(tutor), bool(student)), "nobody_came"
            )
        could_meet = (self._present(tutors) | unknown_tutor) & (self._present(students) | unknown_student)
        if could_meet or max(tutor_waited, student_waited) < NO_SHOW_AFTER:
            return "cannot_know"
        return "student_no_show" if tutor_waited >= NO_SHOW_AFTER else "tutor_no_show"

    def _waited(self, people: Sequence[Person], others: Sequence[Person]) -> int:
        seen, of_others = self._seen(people), self._seen(others)
        if not seen or min(seen) >= LATE_FROM:
            return 0
        unknown = set().union(*(self._unknown([other]) for other in others))
        return len({at for at in self._present(people) if not any(other <= at for other in of_others)} - unknown)

    def _is_recorded(self, person: Person) -> bool:
        return person.is_listed or bool(self._seen([person]))

    def _present(self, people: Sequence[Person]) -> set[int]:
        spans = (span for person in people for span in person.presence)
        return {at for start, end in spans for at in range(start, end)} & set(range(self.length))

    def _seen(self, people: Sequence[Person]) -> set[int]:
        spans = (span for person in people for span in person.presence)
        points = {start for start, end in spans if start == end}
        return self._present(people) | points & set(range(self.length))

    def _unknown(self, people: Sequence[Person]) -> set[int]:
        spans = (span for person in people for span in person.unknown)
        unknown = {at for start, end in spans for at in range(start, end)}
        return unknown & set(range(self.length)) - self._present(people)
