"""SQL that finds the sessions on one page of a list; every statement is put together from constants alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import BULK_ACCEPTABLE, MAX_TOTAL_SIZE, SessionQuery
from attendance_service.store.listing import AFTER_POSITION, NEWEST_FIRST, date_parameters, position_parameters
from attendance_service.store.roster import ROSTER_OF_SESSION, is_class
from attendance_service.store.sources import (
    BEGINS_AT,
    ENDS_AT,
    SOURCE,
    STORED_SOURCE,
    STUDENT_SOURCE,
    TUTOR_SOURCE,
    student_source,
    student_status,
)
from attendance_service.store.visibility import SESSION_VISIBLE, STUDENT_VISIBLE
from servicekit.database import arrays

_STATUS = "lower(btrim(s.status))"
#: The status by which lists of what is unmarked are filtered: a session is over when its time is, also if the platform
#: does not say so yet.
_STATUS_OF_UNMARKED = f"""CASE WHEN {_STATUS} IN ('in-progress', 'in_progress')
         AND (s.session_date + CAST(s.end_time AS time)
              + CASE WHEN s.end_time < s.start_time THEN interval '1 day' ELSE interval '0' END)
             AT TIME ZONE :zone <= now()
    THEN 'completed' ELSE {_STATUS} END"""

#: Sessions of the list. A search selects sessions of the `:enrolments` that it found, and the session whose id is its
#: number.
_MATCHING = """
SELECT {columns}
FROM sessions AS s
WHERE {visible} AND {attendance}
  AND (CAST(:enrolments AS integer[]) IS NULL OR s.enrolled_courses_id = ANY (CAST(:enrolments AS integer[]))
       OR s.id = CAST(:session_id AS integer))
  AND (CAST(:whiteboard_id AS integer) IS NULL OR s.whiteboard_id = CAST(:whiteboard_id AS integer))
  AND (CAST(:statuses AS text[]) IS NULL OR {status} = ANY (CAST(:statuses AS text[])))
  AND (CAST(:date_from AS date) IS NULL OR s.session_date >= CAST(:date_from AS date))
  AND (CAST(:date_to AS date) IS NULL OR s.session_date <= CAST(:date_to AS date))
"""
#: The same after a position, in the order of the list.
_LISTED = f"""{_MATCHING}
  AND {{after_position}}
ORDER BY {{newest_first}}
"""
#: Ids of the sessions on one page.
_PAGE = f"{_LISTED} LIMIT :page_size"
#: The same where a condition reads the ledger: OFFSET 0 makes PostgreSQL sort first, and then check one session after
#: the other until the page is full. Checked first, all sessions of an admin would be.
_PAGE_BY_LEDGER = f"""
SELECT s.id FROM ({_LISTED} OFFSET 0) AS s WHERE {{by_ledger}} LIMIT :page_size
"""  # noqa: S608 - constants
#: How many sessions there are.
_COUNT = f"SELECT count(*) FROM ({_MATCHING} AND {{by_ledger}} LIMIT {MAX_TOTAL_SIZE}) AS counted"  # noqa: S608 - constants
_READ_BY_CONDITIONS = """s.id, s.enrolled_courses_id, s.whiteboard_id, s.session_date, s.start_time, s.end_time,
    s.tutor_attendance_status, s.student_attendance_status, s.attendance_source, s.attendance_marked_at"""

_IS_CLASS = is_class(ROSTER_OF_SESSION)
#: Whether a student of the session, of whom the caller may know, meets a condition.
_A_STUDENT = """EXISTS (
    SELECT FROM unnest({roster}) AS listed (id) JOIN student_profiles AS student ON student.id = listed.id
    WHERE {visible} AND {condition})"""
_IS_NOT_CANCELLED = f"{_STATUS} IS DISTINCT FROM 'cancelled'"
#: Whether a session is over: the platform may say so late, or never. One without a day has no end of its own.
_IS_OVER = f"""COALESCE({ENDS_AT} <= now() OR {_STATUS} = 'completed' AND {BEGINS_AT} <= now(),
        {_STATUS} IN ('completed', 'missed'))"""
#: Nobody decided on a student who is `student`; and somebody did, and said `:attendance_status`.
_UNDECIDED = f"{student_source('student.id')} = 'system_default'"
_DECIDED_SO = f"""{student_source("student.id")} <> 'system_default'
    AND lower(btrim({student_status("student.id", is_class=_IS_CLASS)})) = :attendance_status"""

#: The condition of each attendance filter; a default is never a confirmed status. A class in which some students are
#: not decided on is unmarked and marked.
_ATTENDANCE_FILTERS = {
    "": "TRUE",
    "to_mark": f"{_IS_NOT_CANCELLED} AND {_IS_OVER}",
    "unmarked": _IS_NOT_CANCELLED,
    "marked": f"{SOURCE} <> 'system_default'",
    # Tomorrow has already begun in some time zones; the suggestion says if a session has not. A session without a day
    # may have the times of its whiteboard.
    BULK_ACCEPTABLE: f"""{SOURCE} = 'system_default' AND {_IS_NOT_CANCELLED}
        AND (s.session_date IS NULL OR s.session_date <= CURRENT_DATE + 1)""",
}
#: Follows from what the ledger has to say; it saves reading the decisions about unmarked rows.
_STATUS_FILTER = f"{SOURCE} <> 'system_default'"
_UNMARKED_BY_LEDGER = f"({SOURCE} = 'system_default' OR {_IS_CLASS} AND {{undecided_student}})"
#: A parent's word leaves the tutor to be marked, and one that is withdrawn leaves the student.
_TO_MARK_BY_LEDGER = f"""({SOURCE} = 'system_default' OR {{undecided_student}}
       OR {STORED_SOURCE} = 'parent_reported' AND {TUTOR_SOURCE} = 'system_default')"""
_STATUS_BY_LEDGER = f"""(
          lower(btrim(s.tutor_attendance_status)) = :attendance_status AND {TUTOR_SOURCE} <> 'system_default'
       OR {{student_decided_so}}
       OR lower(btrim(s.student_attendance_status)) = :attendance_status AND {STUDENT_SOURCE} <> 'system_default'
          AND NOT {{student}})"""


def session_page(role: CallerRole, attendance_filter: str) -> str:
    """Return the statement that finds one page of the ids of `:caller`'s sessions in this role."""
    by_ledger = _by_ledger(role, attendance_filter)
    return (_PAGE_BY_LEDGER if by_ledger else _PAGE).format(
        columns=_READ_BY_CONDITIONS if by_ledger else "s.id",
        by_ledger=by_ledger,
        **_conditions(role, attendance_filter),
        after_position=AFTER_POSITION,
        newest_first=NEWEST_FIRST,
    )


def session_count(role: CallerRole, attendance_filter: str) -> str:
    """Return the statement that counts `:caller`'s sessions in this role, up to MAX_TOTAL_SIZE."""
    by_ledger = _by_ledger(role, attendance_filter) or "TRUE"
    return _COUNT.format(columns="s.id", by_ledger=by_ledger, **_conditions(role, attendance_filter))


def page_parameters(
    query: SessionQuery, enrolments: Collection[int] | None, caller: Caller, zone: ZoneInfo
) -> dict[str, Any]:
    """Return the parameters of `session_page`; `enrolments` are those that a search found, None: no search."""
    return {
        "caller": caller.user_id,
        "enrolments": None if enrolments is None else arrays.integers(enrolments),
        "session_id": query.search.session_id,
        "whiteboard_id": query.whiteboard_id,
        "zone": zone.key,
        "statuses": list(query.stored_statuses) or None,
        "attendance_status": query.attendance_filter,
        "page_size": query.page.fetch_size,
        **date_parameters(query.dates),
        **position_parameters(query.page.after),
    }


def _conditions(role: CallerRole, attendance_filter: str) -> dict[str, str]:
    return {
        "visible": SESSION_VISIBLE[role],
        "attendance": _ATTENDANCE_FILTERS.get(attendance_filter, _STATUS_FILTER),
        "status": _STATUS_OF_UNMARKED if attendance_filter in {"to_mark", "unmarked"} else _STATUS,
    }


def _by_ledger(role: CallerRole, attendance_filter: str) -> str:
    """Return the condition that reads the ledger; empty: there is none."""
    if attendance_filter in {"to_mark", "unmarked"}:
        condition = _TO_MARK_BY_LEDGER if attendance_filter == "to_mark" else _UNMARKED_BY_LEDGER
        return condition.format(undecided_student=_a_student(role, _UNDECIDED))
    if attendance_filter in _ATTENDANCE_FILTERS:
        return ""
    return _STATUS_BY_LEDGER.format(student_decided_so=_a_student(role, _DECIDED_SO), student=_a_student(role, "TRUE"))


def _a_student(role: CallerRole, condition: str) -> str:
    return _A_STUDENT.format(roster=ROSTER_OF_SESSION, visible=STUDENT_VISIBLE[role], condition=condition)
