"""Reading students."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from attendance_service.domain.caller import Caller
from attendance_service.domain.students import Student, StudentListQuery
from attendance_service.store.search_statements import patterns
from attendance_service.store.student_statements import page_of_students
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, UserId


class StudentStore:
    """The platform's students, as callers meet them."""

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database

    def page(self, query: StudentListQuery, caller: Caller) -> tuple[Student, ...]:
        """Return students whom the caller may ask about, by name."""
        with self._database.transaction() as connection:
            rows = connection.execute(page_of_students(caller.role), student_list_parameters(query, caller)).mappings()
            return tuple(student(row) for row in rows)


def student_list_parameters(query: StudentListQuery, caller: Caller) -> dict[str, Any]:
    """Return what `page_of_students` takes."""
    return {
        "caller": caller.user_id,
        "patterns": patterns(query.search),
        "after_id": query.after,
        "page_size": query.size,
    }


def student(row: RowMapping | Mapping[str, Any]) -> Student:
    """Return the student that a row names."""
    user = row["user_id"]
    return Student(id=StudentProfileId(row["id"]), user_id=None if user is None else UserId(user), name=row["name"])
