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
    #: Stays long after the end.
    OVERSTAYER = "overstayer"
    #: Comes on time, waits for the others, and gives up after some time.
    WAITER = "waits, gives up"


class Situation(StrEnum):
    """What is special about a class, apart from faults and from what single people do."""

    ORDINARY = "ordinary"
    #: The session has no enrolment: the whiteboard's list is the roster.
    NO_ENROLMENT = "no enrolment"
    #: Another tutor is on the whiteboard's list in the place of the enrolled one.
    SUBSTITUTE = "substitute"
    #: A student who is not on the roster comes to the whiteboard.
    GUEST = "guest"
    #: One who is on the roster is missing in the whiteboard's list, and so can't come.
    NOT_ON_WHITEBOARD = "not on the whiteboard"
    #: A student who is not on the roster is on the whiteboard's list, and does not come.
    NOT_ON_ROSTER = "not on the roster"
    #: After the lesson a student is taken off the whiteboard's list.
    TAKEN_OFF = "taken off afterwards"
    #: The lesson is held at another time than scheduled.
    SHIFTED = "shifted lesson"
    #: No student comes; the tutor waits.
    STUDENT_NO_SHOW = "no student comes"
    #: The tutor does not come; the students wait.
    TUTOR_NO_SHOW = "no tutor comes"
    NOBODY_COMES = "nobody comes"


class Place(StrEnum):
    """Which lists name a person."""

    BOTH = "roster and whiteboard"
    ROSTER = "roster only"
    WHITEBOARD = "whiteboard only"
    #: The whiteboard's list no longer does.
    TAKEN_OFF = "roster, and whiteboard until the lesson was over"


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
    TRACKING_FROZEN = "tracking frozen"
    SOCKET_FROZEN = "socket frozen"
    RELAY_CLOCK = "relay clock off"
    SHORT_LESSON = "short lesson"


#: Faults of the whole class.
CLASS_FAULTS = frozenset(
    {
        Fault.OUTAGE_RESENT,
        Fault.OUTAGE_LOST,
        Fault.TRACKING_FROZEN,
        Fault.SOCKET_FROZEN,
        Fault.RELAY_CLOCK,
        Fault.SHORT_LESSON,
    }
)
#: Faults of one person.
PERSONAL_FAULTS = tuple(fault for fault in Fault if fault not in CLASS_FAULTS)


class EventKind(StrEnum):
    """The kind of an event."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    DISCONNECT = "disconnect"
    #: A disconnect that a relay concluded from silence.
    TIMEOUT = "timeout"


class OutageRecord(StrEnum):
    """What an outage is, and how it is recorded in the tracking service."""

    #: Events were buffered and sent again.
    NOTHING_MISSED = "nothing missed"
    #: No replica took events: a gap in their recorded coverage.
    COVERAGE = "coverage of the replicas"
    #: The relay saw nothing, and reported it in an ObservationGap frame.
    GAP_FRAME = "gap reported by the relay"
    #: The process of the tracking service stood still: a gap in its coverage. Calls of pages were read afterwards.
    TRACKING_FROZEN = "tracking service stopped"
    #: The process of the presence socket stood still, and reported it. Its sockets stayed open.
    SOCKET_FROZEN = "presence socket stopped"


_FAULTS = {
    OutageRecord.NOTHING_MISSED: Fault.OUTAGE_RESENT,
    OutageRecord.COVERAGE: Fault.OUTAGE_LOST,
    OutageRecord.GAP_FRAME: Fault.OUTAGE_LOST,
    OutageRecord.TRACKING_FROZEN: Fault.TRACKING_FROZEN,
    OutageRecord.SOCKET_FROZEN: Fault.SOCKET_FROZEN,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """A time in which no event reached storage."""

    #: After the start of the class's window.
    range: TimeRange
    record: OutageRecord
    #: Whether pages noticed it, and connect again after it.
    breaks_connections: bool = False

    @property
    def fault(self) -> Fault:
        """The fault as which it is counted."""
        return _FAULTS[self.record]

    @property
    def hides_truth(self) -> bool:
        """Whether nothing ever tells what happened meanwhile."""
        return self.record is not OutageRecord.NOTHING_MISSED


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonPlan:
    """One participant of a class."""

    role: Role
    #: users.id
    user_id: int
    behaviour: Behaviour
    #: Planned faults; some may have no effect.
    faults: frozenset[Fault] = frozenset()
    place: Place = Place.BOTH

    @property
    def is_judged(self) -> bool:
        """Whether the session decides their attendance."""
        return self.place is not Place.WHITEBOARD


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassPlan:
    """One class."""

    #: Also whiteboard_sessions.id and sessions.id.
    number: int
    #: After the start of the evaluation's calendar, in whole minutes.
    starts_at: int
    length: int
    is_short: bool = False
    situation: Situation = Situation.ORDINARY
    #: By how much the lesson is held later than scheduled; negative: earlier.
    shift: int = 0
    outage: Outage | None = None
    #: By how much the clock of the class's relay is ahead; negative: behind.
    clock_offset: int = 0
    #: The tutor first, then the students, then others who are on the whiteboard's list.
    people: tuple[PersonPlan, ...]

    @property
    def window(self) -> TimeRange:
        """The schedule, relative to its start, as are all times of the simulation."""
        return TimeRange(0, self.length)

    @property
    def size(self) -> int:
        """How many students the class has."""
        return sum(person.is_judged and person.role is Role.STUDENT for person in self.people)

    @property
    def faults(self) -> frozenset[Fault]:
        """What goes wrong for the whole class."""
        return frozenset(
            ({Fault.SHORT_LESSON} if self.is_short else set())
            | ({self.outage.fault} if self.outage else set())
            | ({Fault.RELAY_CLOCK} if self.clock_offset else set())
        )
