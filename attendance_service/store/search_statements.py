"""SQL that finds sessions by the names on their cards; every statement is put together from constants alone.

The names of a session are those of its enrolment. So a search looks through the caller's enrolments, of which there are
few beside sessions, and the sessions of those that fit are then found by their index.
"""

from __future__ import annotations

import re

from sqlalchemy import TextClause, text

from attendance_service.domain.caller import CallerRole
from attendance_service.domain.search import Search
from attendance_service.store.names import NAMELESS_COURSE, STUDENT_NAME, TUTOR_NAME
from attendance_service.store.views import ENROLMENTS_OF, STUDENTS_SHOWN_TO

#: To be put after a text: whether all words of a search occur in it (`patterns`).
ALL_WORDS_OCCUR = "ILIKE ALL (CAST(:patterns AS text[]))"
_WILDCARD = re.compile(r"[\\%_]")

#: Enrolments in whose names all words occur. A line break parts the names, so no word goes across two. The students'
#: names are put together for all enrolments at once: one by one they would cost an admin seconds.
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
    WHERE {view} AND {shown}
    GROUP BY ec.id
) AS students ON students.id = ec.id
WHERE {view} AND concat_ws(chr(10), COALESCE({course_names}), {tutor_name}, students.names) {all_words_occur}
"""


def matching_enrolments(course_names: tuple[str, ...], role: CallerRole) -> TextClause:
    """Return the statement that finds enrolments by what their cards show to `:caller` in this role."""
    return text(
        _MATCHING_ENROLMENTS.format(
            course_names=", ".join((*course_names, NAMELESS_COURSE)),
            tutor_name=TUTOR_NAME,
            student_name=STUDENT_NAME,
            shown=STUDENTS_SHOWN_TO[role],
            view=ENROLMENTS_OF[role],
            all_words_occur=ALL_WORDS_OCCUR,
        )
    )


def patterns(search: Search) -> list[str]:
    """Return what ALL_WORDS_OCCUR takes: nothing in a word stands for anything but itself."""
    return [f"%{_WILDCARD.sub(_escaped, word)}%" for word in search.words]


def _escaped(wildcard: re.Match[str]) -> str:
    return f"\\{wildcard[0]}"
