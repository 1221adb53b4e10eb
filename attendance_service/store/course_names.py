"""Which names of courses can be read: the tables that hold them are the platform's, and need not exist."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from attendance_service.store.visibility import NAME_SOURCES, NAMELESS_COURSE, READABLE_COLUMN


class CourseNames:
    """The SQL of every course name that can be read; checked once."""

    def __init__(self) -> None:
        """Nothing is checked yet."""
        self._known: tuple[str, ...] | None = None

    def readable(self, connection: Connection) -> tuple[str, ...]:
        """Return the SQL of each name of an enrolment `ec`.

        It uses the connection at hand, because a transaction that waits for a second connection may wait for ever.
        """
        if self._known is None:
            self._known = tuple(
                name
                for table, column, name in NAME_SOURCES
                if connection.execute(READABLE_COLUMN, {"table": table, "column": column}).scalar_one()
            )
        return self._known


def first_of(course_names: tuple[str, ...]) -> str:
    """Return the SQL of the first of these names that an enrolment has."""
    return f"COALESCE({', '.join((*course_names, NAMELESS_COURSE))})"
