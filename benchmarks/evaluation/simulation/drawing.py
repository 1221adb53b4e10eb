"""Draws plans of classes, each from the seed and its own number alone, so that any one can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from benchmarks.evaluation.simulation import calendar
from benchmarks.evaluation.simulation.chance import evenly_by_logarithm, weighted
from benchmarks.evaluation.simulation.plan import ClassPlan, Fault, Outage, OutageRecord, PersonPlan, Situation
from benchmarks.evaluation.simulation.roster import draw_people
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

#: Weights.
SITUATIONS: Mapping[Situation, int] = {
    Situation.ORDINARY: 54,
    Situation.NO_ENROLMENT: 5,
    Situation.SUBSTITUTE: 5,
    Situation.GUEST: 5,
    Situation.NOT_ON_WHITEBOARD: 4,
    Situation.NOT_ON_ROSTER: 3,
    Situation.TAKEN_OFF: 4,
    Situation.SHIFTED: 8,
    Situation.STUDENT_NO_SHOW: 5,
    Situation.TUTOR_NO_SHOW: 5,
    Situation.NOBODY_COMES: 2,
}
#: Share of the classes without faults.
CLEAN_SHARE = 0.25
SHORT_SHARE = 0.1
#: What goes wrong for a whole class; weights.
DISTURBANCES: Mapping[OutageRecord | Fault | None, int] = {
    None: 73,
    OutageRecord.NOTHING_MISSED: 7,
    OutageRecord.COVERAGE: 4,
    OutageRecord.GAP_FRAME: 4,
    OutageRecord.TRACKING_FROZEN: 4,
    OutageRecord.SOCKET_FROZEN: 4,
    Fault.RELAY_CLOCK: 4,
}
#: By how much the clocks of relays are ahead (or behind), one relay each: from hardly more than the service measures to
#: more than the limits of lateness.
CLOCK_OFFSETS = tuple(seconds * SECOND for seconds in (-360, -100, -40, -12, 8, 25, 75, 240))
#: Share of the outages in which events are lost after which pages connect again.
BREAKING_SHARE = 0.5
#: Minutes.
LENGTHS = (15, 60)
SHORT_LENGTHS = (10, 14)
SHIFTS = (10, 60)
#: Shorter standstills are no gaps; longer ones are outages.
FREEZES = (7 * SECOND, 5 * MINUTE)
_IN_SLOTS = frozenset({OutageRecord.COVERAGE, OutageRecord.NOTHING_MISSED, OutageRecord.TRACKING_FROZEN})


class _Times(NamedTuple):
    """When a class takes place, and what goes wrong then."""

    starts_at: int
    outage: Outage | None = None
    clock_offset: int = 0


def draw(seed: int, number: int) -> ClassPlan:
    """Draw a class by its number; numbers start at 1."""
    random = Random(f"{seed}:{number}")
    is_clean = random.random() < CLEAN_SHARE
    is_short = not is_clean and random.random() < SHORT_SHARE
    length = random.randint(*(SHORT_LENGTHS if is_short else LENGTHS)) * MINUTE
    situation = weighted(SITUATIONS, random)
    times = _place(seed, length, situation, None if is_clean else weighted(DISTURBANCES, random), random)
    return ClassPlan(
        number=number,
        starts_at=times.starts_at,
        length=length,
        is_short=is_short,
        situation=situation,
        shift=_shift(random) if situation is Situation.SHIFTED else 0,
        outage=times.outage,
        clock_offset=times.clock_offset,
        people=draw_people(number, situation, random, is_clean=is_clean),
    )


def person_random(seed: int, person: PersonPlan) -> Random:
    """Return the random numbers for a person's telemetry."""
    return Random(f"{seed}:person:{person.user_id}")


def _place(
    seed: int, length: int, situation: Situation, disturbance: OutageRecord | Fault | None, random: Random
) -> _Times:
    # People of a shifted lesson are there outside its window, when another outage may be.
    if disturbance in _IN_SLOTS and situation is not Situation.SHIFTED:
        slot = calendar.slot(seed, random.randrange(calendar.SLOTS))
        starts_at = calendar.disturbed_start(slot, length, random)
        # A service that stands still takes events until its last check, where the gap begins.
        lasts = slot.uncovered if disturbance is OutageRecord.TRACKING_FROZEN else slot.outage
        return _Times(starts_at, _outage(lasts.shifted(-starts_at), OutageRecord(disturbance), random))
    starts_at = calendar.undisturbed_start(length, random)
    if disturbance is OutageRecord.GAP_FRAME:
        return _Times(
            starts_at, _own_outage(length, evenly_by_logarithm(calendar.OUTAGES, random), disturbance, random)
        )
    if disturbance is OutageRecord.SOCKET_FROZEN:
        return _Times(starts_at, _own_outage(length, evenly_by_logarithm(FREEZES, random), disturbance, random))
    return _Times(starts_at, clock_offset=random.choice(CLOCK_OFFSETS) if disturbance is Fault.RELAY_CLOCK else 0)


def _own_outage(length: int, lasts: int, record: OutageRecord, random: Random) -> Outage:
    """Draw a time in which the class's own relay sees nothing."""
    begins = random.randrange(MINUTE - lasts, length - MINUTE)
    return _outage(TimeRange(begins, begins + lasts), record, random)


def _outage(lasts: TimeRange, record: OutageRecord, random: Random) -> Outage:
    can_break = record in {OutageRecord.COVERAGE, OutageRecord.GAP_FRAME}
    breaks_connections = can_break and random.random() < BREAKING_SHARE
    return Outage(range=lasts, record=record, breaks_connections=breaks_connections)


def _shift(random: Random) -> int:
    return random.choice((-1, 1)) * random.randint(*SHIFTS) * MINUTE
