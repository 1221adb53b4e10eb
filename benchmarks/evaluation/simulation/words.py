"""The words of the simulation, as they stand in the tables."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """In which capacity somebody takes part."""

    TUTOR = "tutor"
    STUDENT = "student"


class Behaviour(StrEnum):
    """What somebody really does."""

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


#: What strikes one person, not the whole class.
PERSONAL_FAULTS = tuple(
    fault for fault in Fault if fault not in {Fault.OUTAGE_RESENT, Fault.OUTAGE_LOST, Fault.SHORT_LESSON}
)


class Kind(StrEnum):
    """What an event tells."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    DISCONNECT = "disconnect"
    #: A disconnect that a relay merely concluded from silence.
    TIMEOUT = "timeout"
