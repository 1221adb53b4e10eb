"""Plans of classes, and the terms of the simulation as they appear in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.evaluation.time_ranges import TimeRange


class Role(StrEnum):
    """The role of a participant."""

    TUTOR = "tutor"
    STUDENT = "student"


class Behaviour(StrEnum):
    """What a person really does."""

    PUNCTUAL = "punctual"
    LATE = "late"
    VERY_LATE = "very late"
    EARLY_LEAVER = "early leaver"
    DROP_OUT = "drop-out"
    NO_SHOW = "no-show"
    BRIEF_VISIT = "brief visit"
    #: Leaves before the start and does not come back.
    EARLY_JOINER = "early joiner"


class Fault(StrEnum):
    """What goes wrong."""

    LOST_CONNECT = "lost connect"
    LOST_DISCONNECT = "lost disconnect"
    LOST_HEARTBEATS = "lost heartbeats"
    BLIPS = "blips"
    RELOADS = "reloads"
    TWO_TABS = "two tabs"
    FROZEN_TAB = "frozen tab"
    HIDDEN_TAB = "hidden tab"
    DUPLICATES = "duplicates"
    DISORDER = "disorder"
    RELAY_BUFFERING = "relay buffering"
    OUTAGE_RESENT = "outage, resent"
    OUTAGE_LOST = "outage, lost"
    SHORT_LESSON = "short lesson"


#: Faults of one person, not of the whole class.
PERSONAL_FAULTS = tuple(
    fault for fault in Fault if fault not in {Fault.OUTAGE_RESENT, Fault.OUTAGE_LOST, Fault.SHORT_LESSON}
)


class EventKind(StrEnum):
    """The kind of an event."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    DISCONNECT = "disconnect"
    #: A disconnect that a relay concluded from silence.
    TIMEOUT = "timeout"


class OutageRecord(StrEnum):
    """How an outage is recorded in the tracking service."""

    #: Events were buffered and sent again.
    NOTHING_MISSED = "nothing missed"
    #: No replica took events: a gap in their recorded coverage.
    COVERAGE = "coverage of the replicas"
    #: The relay saw nothing, and reported it in an ObservationGap frame.
    GAP_FRAME = "gap reported by the relay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """A time in which no event reached storage."""

    #: After the start of the class's window.
    range: TimeRange
    record: OutageRecord

    @property
    def fault(self) -> Fault:
        """The fault as which it is counted."""
        return Fault.OUTAGE_RESENT if self.record is OutageRecord.NOTHING_MISSED else Fault.OUTAGE_LOST


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonPlan:
    """One participant of a class."""

    role: Role
    #: users.id
    user_id: int
    behaviour: Behaviour
    #: Planned faults; some may have no effect.
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
    def window(self) -> TimeRange:
        """The schedule, relative to its start, as are all times of the simulation."""
        return TimeRange(0, self.length)
