"""What waits for a person, or what they should know: claims, parents' words, announced absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from attendance_service.domain.absence_notices import RecordedNotice
from attendance_service.domain.claims import RecordedClaim
from attendance_service.domain.listing import PageRequest
from attendance_service.domain.session import Student, TutoringSession
from servicekit.identifiers import UserId


class InboxKind(StrEnum):
    """What an item is about."""

    CLAIM = "claim"
    PARENTS_WORD = "parents_word"
    ABSENCE_NOTICE = "absence_notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxPosition:
    """What items are ordered by, newest first."""

    happened_at: datetime
    kind: InboxKind
    #: Of the claim, the decision or the notice.
    identifier: int
    #: One decision may be about several students; 0: about no student.
    student_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxQuery:
    """Which items are asked for, and in which order."""

    #: None: all.
    kind: InboxKind | None = None
    oldest_first: bool = False
    page: PageRequest[InboxPosition]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentsWord:
    """A parent's word that stands in the place of a tutor's or admin's decision."""

    student: Student
    decision_id: int
    status_before: str | None
    #: None: the parent withdrew it again, and nothing is recorded.
    status_after: str | None
    reported_by: UserId
    reported_by_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxItem:
    """One item with its session, as the caller may see it."""

    position: InboxPosition
    session: TutoringSession
    about: RecordedClaim | ParentsWord | RecordedNotice
