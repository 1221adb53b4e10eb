"""When classes take place: on days that are over, within what relays may still deliver (DESIGN 5.6).

A hole in the coverage of the replicas concerns every class at that time. So days with such outages follow on days
without, and are cut into slots with one outage each, which only the classes of that slot meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from benchmarks.evaluation.moments import DAY, HOUR, MINUTE, SECOND, Stretch

#: The whole calendar; with the day after it and the run itself it stays within LONGEST_BACKFILL.
CALENDAR = 13 * DAY
#: The most that BACKFILL_LIMIT_HOURS allows.
LONGEST_BACKFILL = 14 * DAY
#: Classes of these days meet no hole in the coverage.
UNDISTURBED = Stretch(0, 6 * DAY)
SLOT = 3 * HOUR
SLOTS = (CALENDAR - UNDISTURBED.end) // SLOT
#: Of a slot, before its first class starts and after its last one ends: people come early and stay on.
MARGIN = 30 * MINUTE
#: From a restart that takes long to a bad quarter of an hour and more; short ones are the most frequent.
SHORTEST_OUTAGE = 20 * SECOND
LONGEST_OUTAGE = 20 * MINUTE
#: A replica that is killed has told its coverage up to so long ago.
COVERAGE_INTERVAL = 2 * SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A stretch of the calendar with one outage in it."""

    stretch: Stretch
    #: When no event got through.
    outage: Stretch
    #: When the replicas' records tell of no coverage: it begins a little earlier.
    uncovered: Stretch


def outage_length(random: Random) -> int:
    """Draw a length, each order of magnitude as often as the next."""
    return round(SHORTEST_OUTAGE * math.pow(LONGEST_OUTAGE / SHORTEST_OUTAGE, random.random()))


def slot(seed: int, number: int) -> Slot:
    """Return a slot, by its number from 0 on."""
    random = Random(f"{seed}:slot:{number}")
    start = UNDISTURBED.end + number * SLOT
    length = outage_length(random)
    begins = random.randrange(start + MARGIN, start + SLOT - MARGIN - length)
    outage = Stretch(begins, begins + length)
    return Slot(
        stretch=Stretch(start, start + SLOT),
        outage=outage,
        uncovered=Stretch(begins - random.randrange(COVERAGE_INTERVAL), outage.end),
    )


def undisturbed_start(length: int, random: Random) -> int:
    """Draw the start of a class that meets no hole in the coverage."""
    latest = UNDISTURBED.end - MARGIN - length
    return random.randrange(UNDISTURBED.start + MARGIN, latest) // MINUTE * MINUTE


def disturbed_start(meets: Slot, length: int, random: Random) -> int:
    """Draw the start of a class whose window meets the slot's outage."""
    earliest = max(meets.stretch.start + MARGIN, meets.outage.start - length + MINUTE)
    latest = min(meets.stretch.end - MARGIN - length, meets.outage.end - MINUTE)
    return random.randint(earliest // MINUTE, max(latest, earliest) // MINUTE) * MINUTE
