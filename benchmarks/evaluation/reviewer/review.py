"""What a careful reviewer who knows the truth says about one person of a lesson."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.evaluation.reviewer.doubts import Doubt, find_doubts
from benchmarks.evaluation.reviewer.lesson import Lesson, Person, times
from benchmarks.evaluation.reviewer.marks import (
    LATENESS_MARGIN,
    Attendance,
    Confidence,
    Mark,
    Verdict,
    apply_rules,
    is_borderline,
    measure_attendance,
)
from benchmarks.evaluation.reviewer.possibilities import REACH, possible_lessons

#: One who is first seen later after a hidden time may have been seen too late for a doubt.
_CLEAR_REACH = REACH - LATENESS_MARGIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What the reviewer says about one person."""

    #: None: they could not come to the whiteboard, so nobody can know.
    mark: Mark | None
    #: Whether the truth is so near to a limit that crossing it would change the mark.
    is_borderline: bool = False
    #: Whether what could be observed allows no other mark.
    is_decidable: bool = True
    #: Why a suggestion must not have high confidence.
    doubts: frozenset[Doubt] = frozenset()

    def agrees(self, suggested: Verdict) -> bool:
        """Return whether a suggestion is right; where nobody can know, it has to say so by low confidence."""
        if self.mark is None:
            return suggested.confidence is Confidence.LOW
        return suggested.mark is self.mark

    def is_too_sure(self, suggested: Verdict) -> bool:
        """Return whether a suggestion has high confidence where that is not justified, right or wrong."""
        return suggested.confidence is Confidence.HIGH and (self.mark is None or bool(self.doubts))


def review(lesson: Lesson, person: Person) -> Review:
    """Mark a person of the roster."""
    doubts = set(find_doubts(lesson, person))
    if not person.is_listed and not lesson.came(person):
        mark = _mark_of_missing(person, lesson)
        is_decidable = mark is not None and _mark_of_missing(person, lesson.as_seen) is mark
        return Review(mark=mark, is_decidable=is_decidable, doubts=frozenset(doubts))
    attendance = attendance_of(lesson, person)
    mark = apply_rules(attendance)
    if not _is_only_mark(mark, lesson, person, _CLEAR_REACH):
        doubts.add(Doubt.HIDDEN)
    return Review(
        mark=mark,
        is_borderline=is_borderline(attendance),
        is_decidable=_is_only_mark(mark, lesson, person, REACH),
        doubts=frozenset(doubts),
    )


def _is_only_mark(mark: Mark, lesson: Lesson, person: Person, reach: int) -> bool:
    """Return whether what could be observed allows no other mark."""
    return all(apply_rules(attendance_of(*other)) is mark for other in possible_lessons(lesson, person, reach))


def attendance_of(lesson: Lesson, person: Person) -> Attendance:
    """Measure a person's presence; guests and substitutes are company for whom nobody has to wait any longer."""
    return measure_attendance(person.presence, lesson.window, times(lesson.company_of(person)))


def _mark_of_missing(person: Person, lesson: Lesson) -> Mark | None:
    """Mark one whom the whiteboard's list does not name, and who was not seen."""
    has_substitute = any(other.is_tutor and not other.is_on_roster and lesson.came(other) for other in lesson.people)
    return Mark.ABSENT if person.is_tutor and has_substitute else None
