"""Reading all pages of a report for its CSV."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from attendance_service.domain.attendance_trend import TrendQuery
from attendance_service.domain.listing import Page
from attendance_service.domain.reports import OutcomeQuery, TutorQuery
from attendance_service.domain.students_at_risk import RiskQuery

_RowT = TypeVar("_RowT")
_QueryT = TypeVar("_QueryT", TutorQuery, OutcomeQuery, TrendQuery, RiskQuery)


async def all_rows(read_page: Callable[[_QueryT], Awaitable[Page[_RowT, int]]], query: _QueryT) -> tuple[_RowT, ...]:
    """Return the rows of a page and of all pages after it, so that no query grows with the number of rows."""
    rows: list[_RowT] = []
    while True:
        page = await read_page(query)
        rows += page.rows
        if page.next is None:
            return tuple(rows)
        query = replace(query, page=replace(query.page, after=page.next))
