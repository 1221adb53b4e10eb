"""A lesson as the reviewer knows it: the truth, and what could not be observed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from benchmarks.evaluation.time_ranges import TimeRange, clip, without


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One who takes part, or should."""

    is_tutor: bool
    #: When they were really there: apart from each other, oldest first.
    presence: tuple[TimeRange, ...] = ()
    #: Whether the session decides their attendance.
    is_on_roster: bool = True
    #: Whether the whiteboard's list names them now. Whoever it never named can't have come.
    is_listed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """Everything that is true of a lesson."""

    window: TimeRange
    people: tuple[Person, ...]
    #: A time of which no event was kept.
    hidden: TimeRange | None = None
    #: By how much the clock of the server that reported presence was ahead.
    clock_offset: int = 0

    def came(self, person: Person) -> bool:
        """Return whether a person was there in the window."""
        return bool(clip(person.presence, self.window))

    @property
    def as_seen(self) -> Lesson:
        """The lesson without what is hidden, and with times by the clock that reported them."""
        seen = [
            as_if(person, tuple(time.shifted(self.clock_offset) for time in self._seen_of(person)))
            for person in self.people
        ]
        return Lesson(window=self.window, people=tuple(seen))

    def company_of(self, person: Person) -> tuple[Person, ...]:
        """Return all for whom a person waits: of the other role, guests and substitutes included."""
        return tuple(other for other in self.people if other.is_tutor is not person.is_tutor)

    @property
    def tutors(self) -> tuple[Person, ...]:
        """The tutor of the roster."""
        return tuple(person for person in self.people if person.is_on_roster and person.is_tutor)

    @property
    def students(self) -> tuple[Person, ...]:
        """The students of the roster."""
        return tuple(person for person in self.people if person.is_on_roster and not person.is_tutor)

    def _seen_of(self, person: Person) -> tuple[TimeRange, ...]:
        return person.presence if self.hidden is None else without(person.presence, self.hidden)

    def is_different_for(self, person: Person) -> bool:
        """Return whether roster and whiteboard differ in a person's role, so far as it concerns them."""
        same_role = [other for other in self.people if other.is_tutor is person.is_tutor]
        return not person.is_listed or any(not other.is_on_roster for other in same_role)


def times(people: Iterable[Person]) -> tuple[TimeRange, ...]:
    """Return when people were there, in any order."""
    return tuple(time for person in people for time in person.presence)


def as_if(person: Person, presence: tuple[TimeRange, ...]) -> Person:
    """Return a person with other presence."""
    return replace(person, presence=presence)
