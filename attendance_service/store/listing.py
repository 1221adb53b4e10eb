"""SQL that orders, pages, limits and searches lists; every statement is put together from constants alone."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import TextClause, text

from attendance_service.domain.caller import CallerRole
from attendance_service.domain.listing import DateRange, Search, SessionPosition
from attendance_service.store.course_names import course_name
from attendance_service.store.visibility import (
    ENROLMENT_VISIBLE,
    STUDENT_NAME,
    STUDENT_VISIBLE,
    TUTOR_NAME,
)

# Sessions without a day or a time come last.
_DAYLESS, _TIMELESS = "-infinity", "00:00"
_DAY = f"COALESCE(s.session_date, '{_DAYLESS}'::date)"
_START = f"COALESCE(CAST(s.start_time AS time), '{_TIMELESS}'::time)"

#: The order of sessions `s`.
NEWEST_FIRST = f"{_DAY} DESC, {_START} DESC, s.id DESC"
#: Whether a session comes after a position (`position_parameters`).
AFTER_POSITION = f"""(CAST(:after_id AS integer) IS NULL OR
    ({_DAY}, {_START}, s.id) < (CAST(:after_day AS date), CAST(:after_start AS time), CAST(:after_id AS integer)))"""

#: Whether a session `s` was completed on one of some days (`date_parameters`); NULL sets no limit.
COMPLETED_IN_DATES = """lower(btrim(s.status)) = 'completed'
    AND (CAST(:date_from AS date) IS NULL OR s.session_date >= CAST(:date_from AS date))
    AND (CAST(:date_to AS date) IS NULL OR s.session_date <= CAST(:date_to AS date))"""

#: Follows a text: whether all words of a search occur in it (`patterns`).
ALL_WORDS_OCCUR = "ILIKE ALL (CAST(:patterns AS text[]))"
#: What a search finds lessons of several students by, as if it were a name.
GROUP_WORD = "group"
_WILDCARD = re.compile(r"[\\%_]")

#: Enrolments in whose names all words occur. A search goes through the caller's enrolments, of which there are few
#: compared with sessions; the sessions of those that match are then found by their index. Names are separated by line
#: breaks, so no word matches across two of them. The students' names of all enrolments are aggregated in one pass: one
#: enrolment at a time would take seconds for an admin.
_MATCHING_ENROLMENTS = """
SELECT ec.id
FROM enrolled_courses AS ec
LEFT JOIN tutor_profiles AS tutor ON tutor.id = ec.tutor_id
LEFT JOIN users AS tutor_user ON tutor_user.id = tutor.user_id
LEFT JOIN (
    SELECT ec.id, string_agg({student_name}, chr(10)) AS names
    FROM enrolled_courses AS ec
    CROSS JOIN unnest(ec.students_id) AS listed (id)
    JOIN student_profiles AS student ON student.id = listed.id
    LEFT JOIN users AS student_user ON student_user.id = student.user_id
    WHERE {enrolment_visible} AND {student_visible}
    GROUP BY ec.id
) AS students ON students.id = ec.id
WHERE {enrolment_visible}
  AND concat_ws(chr(10), {course_name}, {tutor_name}, students.names,
                CASE WHEN cardinality(ec.students_id) > 1 THEN '{group}' END) {all_words_occur}
"""


def matching_enrolments(course_names: tuple[str, ...], role: CallerRole) -> TextClause:
    """Return the statement that finds enrolments by the names that `:caller` sees in this role."""
    return text(
        _MATCHING_ENROLMENTS.format(
            course_name=course_name(course_names),
            tutor_name=TUTOR_NAME,
            student_name=STUDENT_NAME,
            student_visible=STUDENT_VISIBLE[role],
            enrolment_visible=ENROLMENT_VISIBLE[role],
            all_words_occur=ALL_WORDS_OCCUR,
            group=GROUP_WORD,
        )
    )


def patterns(search: Search) -> list[str]:
    """Return the parameter of ALL_WORDS_OCCUR, with wildcards escaped."""
    return [f"%{_WILDCARD.sub(_escaped, word)}%" for word in search.words]


def position_parameters(after: SessionPosition | None) -> dict[str, Any]:
    """Return the parameters of AFTER_POSITION; None: the first page."""
    return {
        "after_day": after and (after.day or _DAYLESS),
        "after_start": after and (after.start or _TIMELESS),
        "after_id": after and after.session_id,
    }


def date_parameters(dates: DateRange) -> dict[str, Any]:
    """Return the parameters `date_from` and `date_to`."""
    return {"date_from": dates.first, "date_to": dates.last}


def _escaped(wildcard: re.Match[str]) -> str:
    return f"\\{wildcard[0]}"
