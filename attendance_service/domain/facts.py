"""What the tracking service knows about one whiteboard session, as far as judgement needs it (DESIGN 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance_service.domain.stretches import Stretch, Stretches
from attendance_service.domain.vocabulary import ParticipantRole
from servicekit.identifiers import UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceInterval:
    """One unbroken stretch of presence, not clipped to any window."""

    started_at: datetime
    ended_at: datetime
    #: `closed`, `timed_out`, or empty while it is open.
    end_reason: str = ""
    #: Bridges a time that could not be observed.
    assumed: bool = False

    @property
    def stretch(self) -> Stretch:
        """The time it takes."""
        return Stretch(started_at=self.started_at, ended_at=self.ended_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParticipantFacts:
    """What is known about one participant."""

    user_id: UserId
    role: ParticipantRole
    #: Those that touch the window, oldest first.
    intervals: tuple[PresenceInterval, ...] = ()
    #: Stretches of the window of which nothing can be known.
    unknown: Stretches = ()
    #: Silences longer than the presence timeout that ended with a return.
    reconnects: int = 0
    #: The arrival was not seen: it may have been at any time from here to the first observed moment.
    arrival_uncertain_since: datetime | None = None
    #: How often they drew, typed or the like, by minute of the window; empty: never, or not told.
    activity: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFacts:
    """What is known about everybody in one window."""

    window: Stretch
    participants: tuple[ParticipantFacts, ...]
    #: Times in which presence could not have been seen.
    observation_gaps: Stretches = ()
    #: Up to when the facts are known.
    as_of: datetime

    def of(self, role: ParticipantRole) -> tuple[ParticipantFacts, ...]:
        """Return the participants in that role."""
        return tuple(participant for participant in self.participants if participant.role is role)
