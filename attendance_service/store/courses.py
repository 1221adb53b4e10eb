"""Reading the platform's courses, which policies can be for."""

from __future__ import annotations

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.policy import Course
from attendance_service.store.executor import DatabaseExecutor, select
from attendance_service.store.visibility import READABLE_COLUMN

_TABLE, _NAME = "courses", "course_name"

#: Courses by id, after the last one of the page before.
_COURSES = """
SELECT id, {name} AS name FROM courses
WHERE CAST(:after AS integer) IS NULL OR id > CAST(:after AS integer)
ORDER BY id
LIMIT :page_size
"""


class CourseStore:
    """The platform's courses; the platform need not have their table, or their names."""

    def __init__(self, executor: DatabaseExecutor) -> None:
        """Nothing is read yet."""
        self._executor = executor

    async def page(self, page: PageRequest[int]) -> Page[Course, int]:
        """Return courses by id."""
        parameters = {"after": page.after, "page_size": page.fetch_size}

        def courses_in(connection: Connection) -> list[Course]:
            if not _is_readable(connection, "id"):
                return []
            name = f"COALESCE({_NAME}, '')" if _is_readable(connection, _NAME) else "''"
            return select(text(_COURSES.format(name=name)), parameters, _course_of)(connection)

        return page.page(await self._executor.read(courses_in), lambda course: course.id)


def _is_readable(connection: Connection, column: str) -> bool:
    return bool(connection.execute(READABLE_COLUMN, {"table": _TABLE, "column": column}).scalar_one())


def _course_of(row: RowMapping) -> Course:
    return Course(id=row["id"], name=row["name"])
