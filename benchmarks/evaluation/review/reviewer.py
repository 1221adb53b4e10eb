"""The mark of a careful reviewer who knows the truth: the rule table of DESIGN 7, in whole milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch, clip
from benchmarks.evaluation.review.marks import Mark

LATE_FROM = 5 * MINUTE
VERY_LATE_AFTER = 15 * MINUTE
#: Percent of the window.
ABSENT_BELOW = 30
VERY_LATE_ABSENT_BELOW = 40
#: So near to a limit nobody would insist on a mark: two heartbeats, and what they are of a short lesson.
BORDER_OF_LATENESS = 30 * SECOND
BORDER_OF_ENGAGEMENT = 2
_PERCENT = 100
_MOMENT = 1
_TRIFLE = Fraction(1, 1_000_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """What counts of one person's truth."""

    #: From the start of the window to the first moment in it; None: never there.
    lateness: int | None
    #: Percent of the window.
    engagement: Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """The reviewer's mark."""

    mark: Mark
    #: Whether the truth is so near to a limit that crossing it would change the mark.
    is_borderline: bool


def review(truth: Sequence[Stretch], window: Stretch) -> Review:
    """Mark somebody who was really there in these stretches, apart from each other and oldest first."""
    attendance = attended(truth, window)
    given = mark(attendance)
    return Review(mark=given, is_borderline=any(mark(other) is not given for other in _neighbours(attendance)))


def attended(truth: Sequence[Stretch], window: Stretch) -> Attendance:
    """Measure the truth against a window."""
    inside = clip(truth, window)
    active = sum(stretch.length for stretch in inside)
    return Attendance(
        lateness=inside[0].start - window.start if inside else None,
        engagement=Fraction(_PERCENT * active, window.length),
    )


def mark(attendance: Attendance) -> Mark:
    """Apply the table."""
    if attendance.lateness is None or attendance.engagement < ABSENT_BELOW:
        return Mark.ABSENT
    if attendance.lateness > VERY_LATE_AFTER:
        return Mark.ABSENT if attendance.engagement < VERY_LATE_ABSENT_BELOW else Mark.LATE
    return Mark.LATE if attendance.lateness >= LATE_FROM else Mark.PRESENT


def _neighbours(attendance: Attendance) -> Iterable[Attendance]:
    """Yield the same person on both sides of every limit that is near."""
    if attendance.lateness is None:
        return
    for limit in (LATE_FROM, VERY_LATE_AFTER):
        if abs(attendance.lateness - limit) <= BORDER_OF_LATENESS:
            yield from (replace(attendance, lateness=limit + side) for side in (-_MOMENT, _MOMENT))
    for share in (ABSENT_BELOW, VERY_LATE_ABSENT_BELOW):
        if abs(attendance.engagement - share) <= BORDER_OF_ENGAGEMENT:
            yield from (replace(attendance, engagement=share + side) for side in (-_TRIFLE, Fraction(0)))
