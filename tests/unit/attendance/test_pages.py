from __future__ import annotations

import pytest

from attendance_service.domain.listing import Page, PageRequest

ROWS = ("a", "b", "c")


@pytest.mark.parametrize(
    ("size", "page"),
    [
        (1, Page(("a",), 0)),
        (2, Page(("a", "b"), 1)),
        (3, Page(ROWS, None)),
        (4, Page(ROWS, None)),
        (None, Page(ROWS, None)),
    ],
)
def test_a_page_has_a_next_one_if_more_rows_were_found_than_it_holds(size: int | None, page: Page[str, int]) -> None:
    request: PageRequest[int] = PageRequest(size=size)
    assert request.page(ROWS[: request.fetch_size], ROWS.index) == page


def test_an_empty_page_is_the_last() -> None:
    request: PageRequest[int] = PageRequest(size=2)
    assert request.page((), ROWS.index) == Page((), None)
