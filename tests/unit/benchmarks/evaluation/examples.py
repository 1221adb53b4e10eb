"""Examples of simulated and judged people, for tests."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.evaluation.reviewer.doubts import Doubt
from benchmarks.evaluation.reviewer.lesson import Lesson, Person
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.reviewer.review import Review
from benchmarks.evaluation.scoring import Expected, Judged
from benchmarks.evaluation.simulation.plan import Behaviour, EventKind, Fault, Role, Situation
from benchmarks.evaluation.simulation.telemetry import Sent, Telemetry
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

ONE_HOUR = TimeRange(0, 60 * MINUTE)
ALL_FAULTS = frozenset(Fault)


def minutes(start: float, end: float) -> TimeRange:
    return TimeRange(round(start * MINUTE), round(end * MINUTE))


def present(start: float, end: float) -> list[Sent]:
    """Return a connect, a heartbeat every 15 s, and a disconnect; times in minutes."""
    time_range = minutes(start, end)
    times = range(time_range.start + 15 * SECOND, time_range.end, 15 * SECOND)
    return [
        Sent(time_range.start, EventKind.CONNECT, "a0"),
        *(Sent(time, EventKind.HEARTBEAT, "a0") for time in times),
        Sent(time_range.end, EventKind.DISCONNECT, "a0"),
    ]


def delivered_at_once(sent: Iterable[Sent]) -> list[Telemetry]:
    """Return events that arrive when they are sent."""
    return [Telemetry(at, at, kind, connection_id) for at, kind, connection_id in sent]


def tutor(*presence: TimeRange, is_on_roster: bool = True, is_listed: bool = True) -> Person:
    return Person(is_tutor=True, presence=presence, is_on_roster=is_on_roster, is_listed=is_listed)


def student(*presence: TimeRange, is_on_roster: bool = True, is_listed: bool = True) -> Person:
    return Person(is_tutor=False, presence=presence, is_on_roster=is_on_roster, is_listed=is_listed)


def lesson(*people: Person, hidden: TimeRange | None = None, clock_offset: int = 0) -> Lesson:
    """Return a lesson of an hour."""
    return Lesson(window=ONE_HOUR, people=people, hidden=hidden, clock_offset=clock_offset)


def judged(
    mark: Mark | None = Mark.PRESENT,
    suggested: Mark = Mark.PRESENT,
    confidence: Confidence = Confidence.HIGH,
    *,
    number: int = 1,
    faults: frozenset[Fault] = frozenset(),
    is_borderline: bool = False,
    is_decidable: bool = True,
    doubts: Iterable[Doubt] = (),
) -> Judged:
    """Return one person; the replaced system suggests absent, with high confidence."""
    return Judged(
        expected=Expected(
            number=number,
            user_id=number * 10,
            role=Role.TUTOR,
            behaviour=Behaviour.PUNCTUAL,
            situation=Situation.ORDINARY,
            size=1,
            faults=faults,
            review=Review(mark=mark, is_borderline=is_borderline, is_decidable=is_decidable, doubts=frozenset(doubts)),
            replaced=Verdict(Mark.ABSENT, Confidence.HIGH),
        ),
        suggested=Verdict(suggested, confidence),
    )
