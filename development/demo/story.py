"""How a lesson of the demo is described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["scheduled", "in-progress", "completed", "cancelled", "missed"]
Outcome = Literal["present", "late", "absent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """One connection to the whiteboard, in minutes after the scheduled start."""

    joins: float
    leaves: float
    #: False: the connection was lost without a disconnect; the last sign of life is the heartbeat before `leaves`.
    sends_disconnect: bool = True
    #: Names the tab or device.
    tab: str = "laptop"


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentMark:
    """What was decided about one student of a class."""

    status: Outcome
    note: str | None = None
    #: Why the absence is excused; None: it is not.
    excuse: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A decision that was taken: the suggestion as it was, or other statuses."""

    #: users.id
    by: int
    use_suggestion: bool = False
    tutor: Outcome | None = None
    student: Outcome | None = None
    #: Of a class, by users.id.
    students: Mapping[int, StudentMark] = field(default_factory=dict)
    notes: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A claim that waits for its answer."""

    #: users.id of the student or parent who raised it.
    by: int
    status: Outcome
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """An absence that was announced before the lesson."""

    #: users.id of the person who announced it.
    by: int
    #: users.id of the student who will not come.
    student: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One lesson: when it was scheduled, who came and went, what was decided."""

    what: str
    #: Id of an enrolment in people.py.
    enrolment: int
    #: Scheduled start, in hours from now; negative: ago. See `development.demo.timetable` for which hours count.
    starts_in: float
    minutes: int = 60
    status: Status = "completed"
    has_whiteboard: bool = True
    tutor: tuple[Stay, ...] = ()
    #: By users.id.
    students: Mapping[int, tuple[Stay, ...]] = field(default_factory=dict)
    #: People of other courses at the whiteboard, by users.id: students as guests, a tutor as the substitute.
    guests: Mapping[int, tuple[Stay, ...]] = field(default_factory=dict)
    mark: Mark | None = None
    claim: Claim | None = None
    absence: Absence | None = None


def stay(joins: float, leaves: float, *, sends_disconnect: bool = True, tab: str = "laptop") -> tuple[Stay, ...]:
    """Return a single connection."""
    return (Stay(joins=joins, leaves=leaves, sends_disconnect=sends_disconnect, tab=tab),)
