"""SQL of lists of sessions, newest first, page by page; rows without a day or a time come last."""

from __future__ import annotations

from typing import Any

from attendance_service.domain.browsing import PagePosition

_DAYLESS, _TIMELESS = "-infinity", "00:00"
_DAY = f"COALESCE(s.session_date, '{_DAYLESS}'::date)"
_START = f"COALESCE(CAST(s.start_time AS time), '{_TIMELESS}'::time)"

#: The order of sessions `s`.
NEWEST_FIRST = f"{_DAY} DESC, {_START} DESC, s.id DESC"
#: Whether a session comes after the last one of the page before.
AFTER_POSITION = f"""(CAST(:after_id AS integer) IS NULL OR
    ({_DAY}, {_START}, s.id) < (CAST(:after_day AS date), CAST(:after_start AS time), CAST(:after_id AS integer)))"""


def position_parameters(after: PagePosition | None) -> dict[str, Any]:
    """Return what AFTER_POSITION takes; None: the first page."""
    return {
        "after_day": after and (after.day or _DAYLESS),
        "after_start": after and (after.start or _TIMELESS),
        "after_id": after and after.session_id,
    }
