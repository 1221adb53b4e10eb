"""What is planned for a class, before anything of it is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.moments import Stretch
from benchmarks.evaluation.simulation.words import Behaviour, Fault, Role


class Record(StrEnum):
    """What is left of an outage in the tracking service's own records."""

    #: Events were kept and sent again: nothing was missed.
    NOTHING_MISSED = "nothing missed"
    #: No replica took events: a hole in their recorded coverage.
    COVERAGE = "coverage of the replicas"
    #: The relay was blind and said so.
    FRAME = "gap told by the relay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """A time in which no event got through to storage."""

    #: After the start of the class's window.
    stretch: Stretch
    record: Record

    @property
    def fault(self) -> Fault:
        """Under which name it is counted."""
        return Fault.OUTAGE_RESENT if self.record is Record.NOTHING_MISSED else Fault.OUTAGE_LOST


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonPlan:
    """One participant of a class."""

    role: Role
    #: users.id
    user_id: int
    behaviour: Behaviour
    #: What is tried; it may find nothing to strike.
    faults: frozenset[Fault]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassPlan:
    """One class."""

    #: Also whiteboard_sessions.id and sessions.id.
    number: int
    #: After the start of the evaluation's calendar, in whole minutes.
    starts_at: int
    length: int
    is_short: bool
    outage: Outage | None
    #: The tutor first.
    people: tuple[PersonPlan, ...]

    @property
    def window(self) -> Stretch:
        """The schedule, as all moments of the simulation are told: from 0."""
        return Stretch(0, self.length)
