"""What may have been true, as far as could be observed.

Where nothing was observed for some time, or a clock was wrong, other truths leave the same traces. If they lead to
another result, even a careful observer could not decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.evaluation.reviewer.lesson import Lesson, Person, as_if
from benchmarks.evaluation.time_ranges import SECOND, TimeRange, union, without

#: Whoever is seen within this time after a hidden time may have been there before: the presence timeout.
REACH = 75 * SECOND
#: Share of the window.
_SHORT = 0.1
#: Between two possible arrivals or departures that are tried.
_STEP = 15 * SECOND

Presence = tuple[TimeRange, ...]


def possible_presences(
    presence: Presence, hidden: TimeRange, window: TimeRange, reach: int = REACH
) -> Iterator[Presence]:
    """Yield what a person's presence may have been if a time was hidden.

    The truth comes first, then the least presence, and the most comes last. One who was not seen near a short hidden
    time is not supposed to have come just then.
    """
    yield presence
    seen = without(presence, hidden)
    # One who left before is known to have left. One who comes soon afterwards may come back.
    before = any(time.start < hidden.start <= time.end for time in presence)
    after = next((time for time in presence if time.overlap(TimeRange(hidden.end, hidden.end + reach))), None)
    if before and after:
        # There throughout.
        yield union([*seen, hidden])
    elif before:
        for left_at in _times(hidden):
            yield union([*seen, TimeRange(hidden.start, left_at)])
    elif after:
        for came_at in reversed(_times(hidden)):
            yield union([*seen, TimeRange(came_at, after.end)])
    else:
        yield seen
        if hidden.overlap(window) > _SHORT * window.length:
            yield union([*seen, hidden])


def possible_lessons(lesson: Lesson, person: Person, reach: int = REACH) -> Iterator[tuple[Lesson, Person]]:
    """Yield what may have been true, from the point of view of one person; the truth comes first."""
    yield lesson, person
    if lesson.clock_offset:
        yield lesson.as_seen, as_if(person, _later(person.presence, lesson.clock_offset))
    if lesson.hidden is None:
        return
    presences = possible_presences(person.presence, lesson.hidden, lesson.window, reach)
    possible = [as_if(person, presence) for presence in presences]
    for variant in _of_others(lesson, lesson.hidden):
        for own in possible:
            yield variant, own


def possible_courses(lesson: Lesson) -> Iterator[Lesson]:
    """Yield what may have been true of everyone; the truth comes first."""
    yield lesson
    if lesson.clock_offset:
        yield lesson.as_seen
    if lesson.hidden is not None:
        yield lesson.as_seen
        yield from _of_others(lesson, lesson.hidden)


def _of_others(lesson: Lesson, hidden: TimeRange) -> Iterator[Lesson]:
    """Yield the lesson with everyone as they were, as little as possible there, and as much as possible."""
    yield lesson
    if not any(
        time.overlap(TimeRange(hidden.start, hidden.end + REACH)) for it in lesson.people for time in it.presence
    ):
        return
    for place in (1, -1):
        yield _changed(lesson, [_extreme(person, hidden, lesson.window, place) for person in lesson.people])


def _extreme(person: Person, hidden: TimeRange, window: TimeRange, place: int) -> Person:
    """Return a person with one of the extreme presences; one who was not seen near the hidden time was not there."""
    seen = without(person.presence, hidden)
    near = TimeRange(hidden.start - 1, hidden.end + REACH)
    if not any(time.overlap(near) for time in seen):
        return as_if(person, seen)
    return as_if(person, list(possible_presences(person.presence, hidden, window))[place])


def _changed(lesson: Lesson, people: Sequence[Person]) -> Lesson:
    return Lesson(window=lesson.window, people=tuple(people))


def _later(presence: Presence, by: int) -> Presence:
    return tuple(time.shifted(by) for time in presence)


def _times(hidden: TimeRange) -> list[int]:
    return [*range(hidden.start, hidden.end, _STEP), hidden.end]
