"""Where the names of courses can be read: the platform need not have their tables."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from attendance_service.store.visibility import NAME_SOURCES, NAMELESS_COURSE, READABLE_COLUMN


class CourseNames:
    """Knows, after the first look, which tables have the names of courses."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._known: tuple[str, ...] | None = None

    def sources(self, connection: Connection) -> tuple[str, ...]:
        """Return the SQL of every course name of an enrolment `ec` that can be read; checked once.

        It uses the connection at hand, because a transaction that waits for a second connection may wait for ever.
        """
        if self._known is None:
            self._known = tuple(
                name
                for table, column, name in NAME_SOURCES
                if connection.execute(READABLE_COLUMN, {"table": table, "column": column}).scalar_one()
            )
        return self._known


def course_name(sources: tuple[str, ...]) -> str:
    """Return the SQL of the name of the course of an enrolment `ec`, by which its sessions are called."""
    return f"COALESCE({', '.join((*sources, NAMELESS_COURSE))})"
