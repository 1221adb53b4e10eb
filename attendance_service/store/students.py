"""Reading students; every statement is put together from constants alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import TextClause, text

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.errors import StudentsChanged
from attendance_service.domain.listing import Page, StudentListQuery
from attendance_service.domain.session import Student
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.listing import ALL_WORDS_OCCUR, patterns
from attendance_service.store.sessions import student_of
from attendance_service.store.visibility import STUDENT_NAME, STUDENT_REPORT_VISIBLE
from servicekit.identifiers import StudentProfileId

#: Some students in the order of their names, after the last one of the page before. That one is searched among those
#: whom the caller may see, so that no page reveals where in the alphabet another student stands.
_PAGE = """
WITH visible AS (
    SELECT student.id, student.user_id, named.name, lower(named.name) AS rank
    FROM student_profiles AS student
    LEFT JOIN users AS student_user ON student_user.id = student.user_id
    CROSS JOIN LATERAL (SELECT {student_name} AS name) AS named
    WHERE {report_visible} AND named.name {all_words_occur}
)
SELECT id, user_id, name
FROM visible
WHERE CAST(:after_id AS integer) IS NULL
   OR (rank, id) > (SELECT rank, id FROM visible WHERE id = CAST(:after_id AS integer))
ORDER BY rank, id
LIMIT :page_size
"""


class StudentStore:
    """The platform's students, as callers see them."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def page(self, query: StudentListQuery, caller: Caller) -> Page[Student, StudentProfileId]:
        """Return the students whose reports the caller may see, by name; StudentsChanged."""
        statement, parameters = page_of_students(caller.role), student_list_parameters(query, caller)
        students = await self._executor.read(select(statement, parameters, student_of))
        if query.page.after is not None and not students:
            # A page token is only returned if there is a next page, so its position is no longer in the list.
            raise StudentsChanged
        return query.page.page(students, lambda student: student.id)


def page_of_students(role: CallerRole) -> TextClause:
    """Return the statement that reads one page of the students whose reports `:caller` may see in this role."""
    return text(
        _PAGE.format(
            student_name=STUDENT_NAME, report_visible=STUDENT_REPORT_VISIBLE[role], all_words_occur=ALL_WORDS_OCCUR
        )
    )


def student_list_parameters(query: StudentListQuery, caller: Caller) -> dict[str, Any]:
    """Return the parameters of `page_of_students`."""
    return {
        "caller": caller.user_id,
        "patterns": patterns(query.search),
        "after_id": query.page.after,
        "page_size": query.page.fetch_size,
    }
