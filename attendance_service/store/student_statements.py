"""SQL that lists students; every statement is put together from constants alone."""

from __future__ import annotations

from sqlalchemy import TextClause, text

from attendance_service.domain.caller import CallerRole
from attendance_service.store.names import STUDENT_NAME
from attendance_service.store.search_statements import ALL_WORDS_OCCUR
from attendance_service.store.views import STUDENTS_OF

#: Some students in the order of their names, after the last one of the page before. That one is looked up among those
#: whom the caller may see, so that no page tells where in the alphabet somebody else stands.
_PAGE = """
WITH visible AS (
    SELECT student.id, student.user_id, named.name, lower(named.name) AS rank
    FROM student_profiles AS student
    LEFT JOIN users AS student_user ON student_user.id = student.user_id
    CROSS JOIN LATERAL (SELECT {student_name} AS name) AS named
    WHERE {view} AND named.name {all_words_occur}
)
SELECT id, user_id, name
FROM visible
WHERE CAST(:after_id AS integer) IS NULL
   OR (rank, id) > (SELECT rank, id FROM visible WHERE id = CAST(:after_id AS integer))
ORDER BY rank, id
LIMIT :page_size
"""


def page_of_students(role: CallerRole) -> TextClause:
    """Return the statement that reads one page of the students whom `:caller` may ask about in this role."""
    return text(_PAGE.format(student_name=STUDENT_NAME, view=STUDENTS_OF[role], all_words_occur=ALL_WORDS_OCCUR))
