"""The mark of a person by their true presence: the rule table of docs/suggestions.md#rules, and the rule of waiting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange, clip

MIN_LATENESS = 5 * MINUTE
VERY_LATE_AFTER = 15 * MINUTE
#: Percent of the window.
ABSENT_BELOW = 30
VERY_LATE_ABSENT_BELOW = 40
#: Who came on time and was alone for this long has attended.
NO_SHOW_AFTER = 15 * MINUTE
#: Within this distance of a limit a reviewer would accept both marks: two heartbeats, and the like for engagement.
LATENESS_MARGIN = 30 * SECOND
ENGAGEMENT_MARGIN = 2
_PERCENT = 100
_ONE_MILLISECOND = 1
_TINY_SHARE = Fraction(1, 1_000_000)


class Mark(StrEnum):
    """A status of attendance."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class Confidence(StrEnum):
    """The confidence of a suggestion."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(NamedTuple):
    """A suggested mark."""

    mark: Mark
    confidence: Confidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """The figures of a person's truth that the rules use."""

    #: From the start of the window to the person's first time in it; None: never in it.
    lateness: int | None
    #: Percent of the window.
    engagement: Fraction
    #: Time alone, before any of the others came.
    waited: int = 0
    #: The lateness without the first presence in the window, if that lasts less than the margin, so that hardly any
    #: sign of life is in it; else the same as above.
    lateness_without_glimpse: int | None = None


def measure_attendance(truth: Sequence[TimeRange], window: TimeRange, others: Sequence[TimeRange] = ()) -> Attendance:
    """Measure the truth in a window: time ranges apart from each other, oldest first.

    `others` are the times of those whom the person came to meet, in any order; none: they never came.
    """
    inside = clip(truth, window)
    active = sum(item.length for item in inside)
    first_other = min((item.start for item in clip(others, window)), default=window.end)
    alone = clip(inside, TimeRange(window.start, first_other))
    remaining = inside[1:] if inside and inside[0].length <= LATENESS_MARGIN else inside
    return Attendance(
        lateness=inside[0].start - window.start if inside else None,
        lateness_without_glimpse=remaining[0].start - window.start if remaining else None,
        engagement=Fraction(_PERCENT * active, window.length),
        waited=sum(item.length for item in alone),
    )


def apply_rules(attendance: Attendance) -> Mark:
    """Apply the rule of waiting, then the rule table."""
    if has_waited(attendance):
        return Mark.PRESENT
    if attendance.lateness is None or attendance.engagement < ABSENT_BELOW:
        return Mark.ABSENT
    if attendance.lateness > VERY_LATE_AFTER:
        return Mark.ABSENT if attendance.engagement < VERY_LATE_ABSENT_BELOW else Mark.LATE
    return Mark.LATE if attendance.lateness >= MIN_LATENESS else Mark.PRESENT


def is_borderline(attendance: Attendance) -> bool:
    """Return whether a limit is so near that crossing it would change the mark."""
    mark = apply_rules(attendance)
    return any(apply_rules(other) is not mark for other in _neighbours(attendance))


def has_waited(attendance: Attendance) -> bool:
    """Return whether a person came on time and was alone for long enough."""
    on_time = attendance.lateness is not None and attendance.lateness < MIN_LATENESS
    return on_time and attendance.waited >= NO_SHOW_AFTER


def _neighbours(attendance: Attendance) -> Iterable[Attendance]:
    """Yield the same attendance on both sides of every limit that is near."""
    if attendance.lateness is None:
        return
    yield replace(attendance, lateness=attendance.lateness_without_glimpse)
    for limit in (MIN_LATENESS, VERY_LATE_AFTER):
        if abs(attendance.lateness - limit) <= LATENESS_MARGIN:
            yield from (replace(attendance, lateness=limit + side) for side in (-_ONE_MILLISECOND, _ONE_MILLISECOND))
    if abs(attendance.waited - NO_SHOW_AFTER) <= LATENESS_MARGIN:
        yield from (replace(attendance, waited=NO_SHOW_AFTER + side) for side in (-_ONE_MILLISECOND, _ONE_MILLISECOND))
    for share in (ABSENT_BELOW, VERY_LATE_ABSENT_BELOW):
        if abs(attendance.engagement - share) <= ENGAGEMENT_MARGIN:
            yield from (replace(attendance, engagement=share + side) for side in (-_TINY_SHARE, Fraction(0)))
