"""Students: whom somebody may ask reports about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import StudentsChanged
from attendance_service.domain.students import Student, StudentListQuery
from attendance_service.store.students import StudentStore
from attendance_service.store.threads import DatabaseThreads
from servicekit.identifiers import StudentProfileId


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentPage:
    """Students, by name."""

    students: tuple[Student, ...]
    #: After which student the next page begins; None: this was the last one.
    next: StudentProfileId | None


class Students:
    """Lists students."""

    def __init__(self, *, students: StudentStore, threads: DatabaseThreads) -> None:
        """Everything it calls is handed in."""
        self._students = students
        self._threads = threads

    async def page(self, query: StudentListQuery, caller: Caller) -> StudentPage:
        """Return students whom the caller may ask about; StudentsChanged."""
        # One more than asked for tells whether there is a next page.
        found = await self._threads.look(self._students.page, replace(query, size=query.size + 1), caller)
        if query.after is not None and not found:
            # A page is only announced where somebody is on it.
            raise StudentsChanged
        students = found[: query.size]
        return StudentPage(students=students, next=students[-1].id if len(found) > len(students) else None)
