"""What lists are filtered and ordered by, and how they are split into pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Generic, TypeVar

from attendance_service.domain.vocabulary import SessionStatus
from servicekit.identifiers import MAX_ID, StudentProfileId, TutoringSessionId, WhiteboardSessionId

_RowT = TypeVar("_RowT")
_PositionT = TypeVar("_PositionT")

DEFAULT_PAGE_SIZE = 50
#: Keeps one answer below some 100 kB.
MAX_PAGE_SIZE = 200
#: A long course name; no name that could be found is longer.
MAX_SEARCH_CHARACTERS = 100
#: Sessions that bulk acceptance tries, or says why it can't: unmarked, begun and not cancelled.
BULK_ACCEPTABLE = "bulk_acceptable"
#: What callers may ask for.
ATTENDANCE_FILTERS = ("to_mark", "unmarked", "marked", "present", "late", "absent")
#: Counting stops here: nobody needs to know more exactly how much there is to do.
MAX_TOTAL_SIZE = 1000
#: How one state may be spelled in the platform's rows.
_SPELLINGS = {SessionStatus.IN_PROGRESS: (SessionStatus.IN_PROGRESS, "in_progress")}
_NUMBER = re.compile(r"#?([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page(Generic[_RowT, _PositionT]):
    """Some rows of a list."""

    rows: tuple[_RowT, ...]
    #: Position of the last row, after which the next page begins; None: this is the last page.
    next: _PositionT | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRequest(Generic[_PositionT]):
    """Which page of a list is asked for."""

    #: Position of the last row of the page before; None: the first page.
    after: _PositionT | None = None
    #: None: all rows at once.
    size: int | None

    @property
    def fetch_size(self) -> int | None:
        """How many rows to read: one more than the page holds shows whether there is a next page."""
        return None if self.size is None else self.size + 1

    def page(self, fetched: Sequence[_RowT], position: Callable[[_RowT], _PositionT]) -> Page[_RowT, _PositionT]:
        """Return the page out of `fetch_size` rows; `position` returns a row's place in the list."""
        if self.size is None or len(fetched) <= self.size:
            return Page(tuple(fetched), None)
        rows = tuple(fetched[: self.size])
        return Page(rows, position(rows[-1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionPosition:
    """What sessions are ordered by, newest first."""

    day: date | None
    start: time | None
    session_id: TutoringSessionId


@dataclass(frozen=True, kw_only=True, slots=True)
class RankPosition:
    """What a ranking is ordered by: highest value first, rows without a value last, equal ones by their ids."""

    #: None: the row has no value.
    value: float | None
    identifier: int

    @property
    def order(self) -> tuple[bool, float, int]:
        """The key to sort by."""
        return self.value is None, -(self.value or 0), self.identifier


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeBounds:
    """From `since` on, and before `before`; None: no limit."""

    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DateRange:
    """From the first day up to and including the last one; None: no limit."""

    first: date | None = None
    last: date | None = None

    def time_bounds(self, zone: tzinfo) -> TimeBounds:
        """Return the time that these days of a time zone cover."""
        return TimeBounds(
            since=None if self.first is None else _midnight(self.first, 0, zone),
            before=None if self.last is None else _midnight(self.last, 1, zone),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Words that must all occur, in any order and case; none: everything matches."""

    words: tuple[str, ...] = ()

    @property
    def session_id(self) -> TutoringSessionId | None:
        """The session that is meant if the search is one number, such as `12` or `#12`."""
        number = _NUMBER.fullmatch(self.words[0]) if len(self.words) == 1 else None
        if number is None or not 0 < int(number[1]) <= MAX_ID:
            return None
        return TutoringSessionId(int(number[1]))


EVERYTHING = Search()


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionQuery:
    """Which sessions are asked for; None and empty mean: all."""

    status: SessionStatus | None = None
    dates: DateRange = DateRange()
    #: One of ATTENDANCE_FILTERS, or BULK_ACCEPTABLE.
    attendance_filter: str = ""
    search: Search = EVERYTHING
    #: Whether to count the sessions on all pages.
    with_total_size: bool = False
    whiteboard_id: WhiteboardSessionId | None = None
    page: PageRequest[SessionPosition]

    @property
    def stored_statuses(self) -> tuple[str, ...]:
        """How rows may spell the status."""
        return () if self.status is None else _SPELLINGS.get(self.status, (self.status,))


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentListQuery:
    """Which of the students whose reports the caller may see are asked for."""

    search: Search = EVERYTHING
    page: PageRequest[StudentProfileId]


def search_of(typed: str) -> Search:
    """Return the search for what a person typed; spaces separate the words."""
    return Search(words=tuple(typed.split()))


def _midnight(day: date, days_later: int, zone: tzinfo) -> datetime | None:
    """Return when a day begins; None past the ends of the calendar, where a limit excludes nothing."""
    try:
        return datetime.combine(day + timedelta(days=days_later), time(), zone).astimezone(UTC)
    except OverflowError:
        return None
