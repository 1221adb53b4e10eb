"""When classes take place: on past days, which are within the back-fill limit of relays (docs/presence.md#clocks).

A gap in the coverage of the replicas affects every class at that time. So days with such outages follow after days
without. They are divided into slots with one outage each, which affects only the classes of that slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from benchmarks.evaluation.simulation.chance import evenly_by_logarithm
from benchmarks.evaluation.time_ranges import DAY, HOUR, MINUTE, SECOND, TimeRange

#: The whole calendar; with the day after it and the run itself it stays within MAX_BACKFILL.
CALENDAR = 13 * DAY
#: The maximum of BACKFILL_LIMIT_HOURS.
MAX_BACKFILL = 14 * DAY
#: Days without a gap in the coverage.
UNDISTURBED = TimeRange(0, 6 * DAY)
SLOT = 4 * HOUR
SLOTS = (CALENDAR - UNDISTURBED.end) // SLOT
#: Before the first class of a slot starts and after its last one ends: people connect early and leave late.
MARGIN = HOUR
#: The same for the days without a gap: people of a shifted lesson come up to an hour before that, and leave as late.
UNDISTURBED_MARGIN = 3 * HOUR
#: From a slow restart to a bad quarter of an hour and more; short ones are the most frequent.
OUTAGES = (20 * SECOND, 20 * MINUTE)
#: A replica that is killed last recorded its coverage up to this long ago.
COVERAGE_INTERVAL = 2 * SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A part of the calendar with one outage in it."""

    range: TimeRange
    #: When no event reached storage.
    outage: TimeRange
    #: When the replicas recorded no coverage: it begins a little earlier.
    uncovered: TimeRange


def slot(seed: int, number: int) -> Slot:
    """Return a slot; numbers start at 0."""
    random = Random(f"{seed}:slot:{number}")
    start = UNDISTURBED.end + number * SLOT
    length = evenly_by_logarithm(OUTAGES, random)
    begins = random.randrange(start + MARGIN, start + SLOT - MARGIN - length)
    outage = TimeRange(begins, begins + length)
    return Slot(
        range=TimeRange(start, start + SLOT),
        outage=outage,
        uncovered=TimeRange(begins - random.randrange(COVERAGE_INTERVAL), outage.end),
    )


def undisturbed_start(length: int, random: Random) -> int:
    """Draw the start of a class on a day without a gap in the coverage."""
    latest = UNDISTURBED.end - UNDISTURBED_MARGIN - length
    return random.randrange(UNDISTURBED.start + UNDISTURBED_MARGIN, latest) // MINUTE * MINUTE


def disturbed_start(slot: Slot, length: int, random: Random) -> int:
    """Draw the start of a class whose window overlaps with the slot's outage."""
    earliest = max(slot.range.start + MARGIN, slot.outage.start - length + MINUTE)
    latest = min(slot.range.end - MARGIN - length, slot.outage.end - MINUTE)
    return random.randint(earliest // MINUTE, max(latest, earliest) // MINUTE) * MINUTE
