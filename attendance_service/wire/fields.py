"""Checks who calls and fields of requests, and converts values to fields of responses.

A check of a field raises InvalidArgument with the field and what to send instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import overload

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    MAX_SEARCH_CHARACTERS,
    DateRange,
    Search,
    search_of,
)
from attendance_service.domain.policy import BUILT_IN_VERSION
from attendance_service.domain.student_reference import StudentReference
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus, Confidence, LessonOutcomeKind
from servicekit.auth.principal import Principal, RoleMissing, current_principal
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import CourseId, StudentProfileId, TutoringSessionId, UserId, WhiteboardSessionId

# The enumerations of the proto have the same names as the domain's.
STATUSES = {status: pb.AttendanceStatus.Value(status) for status in AttendanceStatus}
CONFIDENCES = {confidence: pb.Confidence.Value(confidence) for confidence in Confidence}
SOURCES = {source: pb.AttendanceSource.Value(source) for source in AttendanceSource}
LESSON_OUTCOMES = {kind: pb.LessonOutcomeKind.Value(kind) for kind in LessonOutcomeKind}
_STATUS_BY_NUMBER: dict[int, AttendanceStatus] = {int(number): status for status, number in STATUSES.items()}


def caller_of(principal: Principal) -> Caller:
    """Return the caller.

    Raises:
        NotAPerson: a service calls.
        RoleMissing: the active role may not see attendance.
    """
    user_id = principal.require_person()
    if principal.is_admin:
        return Caller(user_id=user_id, role=CallerRole.ADMIN)
    try:
        return Caller(user_id=user_id, role=CallerRole(principal.role))
    except ValueError as error:
        raise RoleMissing("attendance is for tutors, students, parents and admins: switch to one of them") from error


def current_caller() -> Caller:
    """Return who makes the present call; NotAPerson, RoleMissing."""
    return caller_of(current_principal.get())


def invalid(field: str, description: str) -> InvalidArgument:
    """Return the error for one invalid field."""
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


def tutor_profile(value: int) -> int:
    """Return the id of a tutor's profile."""
    if value <= 0:
        raise invalid("tutor_id", "must be a positive number (tutor_profiles.id)")
    return value


def student_reference(request: pb.AnnounceAbsenceRequest | pb.RaiseClaimRequest) -> StudentReference:
    """Return the student whom the request names by one of both ids, or by none."""
    if not request.HasField("user_id"):
        return StudentReference(student_id=student_id(request.student_id) if request.HasField("student_id") else None)
    if request.HasField("student_id"):
        raise invalid("user_id", "can't be sent together with student_id: send one of them")
    if request.user_id <= 0:
        raise invalid("user_id", "must be a positive number (users.id)")
    return StudentReference(user_id=UserId(request.user_id))


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


def search(value: str) -> Search:
    """Return the search; an empty field finds everything."""
    if len(value) > MAX_SEARCH_CHARACTERS:
        raise invalid("search", f"must have at most {MAX_SEARCH_CHARACTERS} characters")
    return search_of(storable("search", value))


def whiteboard_id(value: int) -> WhiteboardSessionId | None:
    """Return the whiteboard that is asked for; 0 means all."""
    if value < 0:
        raise invalid("whiteboard_id", "must be the id of a whiteboard session; 0 or unset means all")
    return WhiteboardSessionId(value) if value else None


def page_size(value: int) -> int:
    """Return how many entries a page has; 0 means the default."""
    if not 0 <= value <= MAX_PAGE_SIZE:
        raise invalid("page_size", f"must be 1 to {MAX_PAGE_SIZE}; 0 or unset means {DEFAULT_PAGE_SIZE}")
    return value or DEFAULT_PAGE_SIZE


def day(field: str, value: str) -> date | None:
    """Return a day, or None for an empty field."""
    if not value:
        return None
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        parsed = None
    # `fromisoformat` also accepts week dates and 20260131.
    if parsed is None or parsed.isoformat() != value:
        raise invalid(field, "must be a day as YYYY-MM-DD")
    return parsed


def date_range(date_from: str, date_to: str) -> DateRange:
    """Return the days between two fields, both included; an empty field sets no limit."""
    first, last = day("date_from", date_from), day("date_to", date_to)
    if first and last and last < first:
        raise invalid("date_to", "must not lie before date_from")
    return DateRange(first=first, last=last)


def choice(field: str, value: str, allowed: Iterable[str]) -> str:
    """Return one of the allowed values, or the empty string for an empty field."""
    values = tuple(allowed)
    if value and value not in values:
        raise invalid(field, f"must be one of {', '.join(values)}, or empty for all")
    return value


def status(field: str, number: int) -> AttendanceStatus:
    """Return the status with this number, which may be any number."""
    named = _STATUS_BY_NUMBER.get(number)
    if named is None:
        raise invalid(field, f"must be one of {', '.join(AttendanceStatus)}; leave it out to keep what is stored")
    return named


@overload
def timestamp(at: datetime) -> Timestamp: ...
@overload
def timestamp(at: datetime | None) -> Timestamp | None: ...
def timestamp(at: datetime | None) -> Timestamp | None:
    """Return the same time; None stays unset."""
    if at is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted


def written_day(value: date | None) -> str:
    """Return a day as YYYY-MM-DD; empty if there is none."""
    return "" if value is None else value.isoformat()


def written_time(value: time | None) -> str:
    """Return a time of day as HH:MM:SS; empty if there is none."""
    return "" if value is None else value.isoformat(timespec="seconds")


def storable(field: str, value: str) -> str:
    """Return a text that PostgreSQL can store."""
    if "\x00" in value:
        raise invalid(field, "must not contain the character U+0000")
    return value
