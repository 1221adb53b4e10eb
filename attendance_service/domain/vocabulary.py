"""The words of attendance."""

from __future__ import annotations

from enum import StrEnum


class AttendanceStatus(StrEnum):
    """Outcome for one person."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class Confidence(StrEnum):
    """How sure a suggestion is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    def lowered(self, steps: int) -> Confidence:
        """Return the confidence that many steps down, never below low."""
        scale = tuple(Confidence)
        return scale[max(scale.index(self) - steps, 0)]


class AttendanceSource(StrEnum):
    """Where a recorded outcome comes from."""

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


def normalised_status(stored: str | None) -> str:
    """Return a stored session status with one spelling per state; another word of an old row stays as it is."""
    word = (stored or "").strip().lower()
    return SessionStatus.IN_PROGRESS if word == "in_progress" else word


class ParticipantRole(StrEnum):
    """In which capacity somebody takes part in a whiteboard session."""

    TUTOR = "tutor"
    STUDENT = "student"
