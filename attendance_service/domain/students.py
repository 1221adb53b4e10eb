"""Students, and which of them somebody looks for."""

from __future__ import annotations

from dataclasses import dataclass

from attendance_service.domain.search import EVERYTHING, Search
from servicekit.identifiers import StudentProfileId, UserId


@dataclass(frozen=True, kw_only=True, slots=True)
class Student:
    """A student by the name that everybody is shown."""

    id: StudentProfileId
    #: None: the profile belongs to nobody.
    user_id: UserId | None
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentListQuery:
    """Which page of the students whom somebody may ask about is asked for."""

    search: Search = EVERYTHING
    #: The last student of the page before; None: the first page.
    after: StudentProfileId | None = None
    size: int
