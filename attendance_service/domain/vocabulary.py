"""The fixed values of attendance, as documents and rows spell them."""

from __future__ import annotations

from enum import StrEnum


class AttendanceStatus(StrEnum):
    """Whether one person attended."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class Confidence(StrEnum):
    """How sure a suggestion is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class AttendanceSource(StrEnum):
    """How a status came to be recorded."""

    MANUAL = "manual"
    WHITEBOARD_AUTO = "whiteboard_auto"
    PARENT_REPORTED = "parent_reported"
    ADMIN_OVERRIDE = "admin_override"
    SYSTEM_DEFAULT = "system_default"


class SessionStatus(StrEnum):
    """State of a tutoring session."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"


class LessonOutcomeKind(StrEnum):
    """What became of a lesson as a whole (docs/suggestions.md#outcome-of-a-lesson)."""

    HELD = "held"
    STUDENT_NO_SHOW = "student_no_show"
    TUTOR_NO_SHOW = "tutor_no_show"
    NOBODY_CAME = "nobody_came"
    CANCELLED = "cancelled"
    CANNOT_KNOW = "cannot_know"
