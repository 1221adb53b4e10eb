"""Fields of requests, checked; what is wrong is named with what to send instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attendance_service.domain.browsing import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE
from attendance_service.domain.period import Period
from attendance_service.domain.policy import BUILT_IN_VERSION
from attendance_service.domain.search import LARGEST_SEARCH_CHARACTERS, Search, search_of
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import CourseId, StudentProfileId, TutoringSessionId

#: A page of text; more is a document, and belongs elsewhere.
LARGEST_TEXT_CHARACTERS = 2000


def invalid(field: str, description: str) -> InvalidArgument:
    """Return the error that one field is at fault."""
    return InvalidArgument(FieldViolation(field, description))


def session_id(value: int) -> TutoringSessionId:
    """Return the id of a tutoring session."""
    if value <= 0:
        raise invalid("session_id", "must be a positive number (sessions.id)")
    return TutoringSessionId(value)


def student_id(value: int) -> StudentProfileId:
    """Return the id of a student's profile."""
    if value <= 0:
        raise invalid("student_id", "must be a positive number (student_profiles.id)")
    return StudentProfileId(value)


def course_id(value: int) -> CourseId:
    """Return the id of a course."""
    if value <= 0:
        raise invalid("course_id", "must be a positive number (courses.id)")
    return CourseId(value)


def policy_version(value: int) -> int:
    """Return the version of a policy."""
    if value < BUILT_IN_VERSION:
        raise invalid("version", f"must be {BUILT_IN_VERSION} (the built-in policy) or more")
    return value


def long_text(field: str, value: str) -> str:
    """Return what somebody wrote for others to read."""
    if len(value) > LARGEST_TEXT_CHARACTERS:
        raise invalid(field, f"must have at most {LARGEST_TEXT_CHARACTERS} characters")
    return _storable(field, value)


def search(value: str) -> Search:
    """Return what to look for; an empty field looks for everything."""
    if len(value) > LARGEST_SEARCH_CHARACTERS:
        raise invalid("search", f"must have at most {LARGEST_SEARCH_CHARACTERS} characters")
    return search_of(_storable("search", value))


def page_size(value: int) -> int:
    """Return how many entries a page has; 0 stands for the default."""
    if not 0 <= value <= LARGEST_PAGE_SIZE:
        raise invalid("page_size", f"must be 1 to {LARGEST_PAGE_SIZE}; 0 or unset means {DEFAULT_PAGE_SIZE}")
    return value or DEFAULT_PAGE_SIZE


def day(field: str, value: str) -> date | None:
    """Return a day, or None for an empty field."""
    if not value:
        return None
    try:
        # Only the extended format: `fromisoformat` alone takes week dates and 20260131 as well.
        parsed = date.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != value:
        raise invalid(field, "must be a day as YYYY-MM-DD")
    return parsed


def period(date_from: str, date_to: str) -> Period:
    """Return the days between two fields, both included; an empty field sets no limit."""
    first, last = day("date_from", date_from), day("date_to", date_to)
    if first and last and last < first:
        raise invalid("date_to", "must not lie before date_from")
    return Period(first=first, last=last)


def word(field: str, value: str, allowed: Iterable[str]) -> str:
    """Return a word out of a list, or the empty string for an empty field."""
    words = tuple(allowed)
    if value and value not in words:
        raise invalid(field, f"must be one of {', '.join(words)}, or empty for all")
    return value


def _storable(field: str, value: str) -> str:
    """Return a text that PostgreSQL takes."""
    if "\x00" in value:
        raise invalid(field, "must not hold the character U+0000")
    return value
