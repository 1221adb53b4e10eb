"""Which sessions somebody looks for, and where the next page of them begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from attendance_service.domain.search import EVERYTHING, Search
from attendance_service.domain.vocabulary import SessionStatus
from servicekit.identifiers import TutoringSessionId

DEFAULT_PAGE_SIZE = 50
#: Keeps one answer below some 100 kB.
LARGEST_PAGE_SIZE = 200
#: Sessions on which a suggestion may be accepted unseen: unmarked, with a whiteboard, begun and not cancelled.
APPLICABLE = "applicable"
#: What callers may ask for.
ATTENDANCE_FILTERS = ("unmarked", "marked", "present", "late", "absent")
#: How one state may be spelled in the platform's rows.
_SPELLINGS = {SessionStatus.IN_PROGRESS: (SessionStatus.IN_PROGRESS, "in_progress")}


@dataclass(frozen=True, kw_only=True, slots=True)
class PagePosition:
    """The last session of the page before, by what sessions are ordered by."""

    day: date | None
    start: time | None
    session_id: TutoringSessionId


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionQuery:
    """What somebody looks for; None and empty mean: all."""

    status: SessionStatus | None = None
    date_from: date | None = None
    date_to: date | None = None
    #: One of ATTENDANCE_FILTERS, or APPLICABLE.
    attendance_filter: str = ""
    search: Search = EVERYTHING
    after: PagePosition | None = None

    @property
    def stored_statuses(self) -> tuple[str, ...]:
        """How rows may spell the status."""
        return () if self.status is None else _SPELLINGS.get(self.status, (self.status,))
