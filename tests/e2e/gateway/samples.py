"""What the services would answer: sessions and a suggestion with every kind of value."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.attendance.v1.attendance_pb2 import (
    AttendanceStatus,
    Confidence,
    GetAttendanceSuggestionResponse,
    Session,
    SuggestionMetrics,
)

TUTOR_ID = 101
SESSION_ID = 1
START = Timestamp(seconds=int(datetime(2026, 11, 20, 13, 0, tzinfo=UTC).timestamp()))
END = Timestamp(seconds=START.seconds + 3600)


def session(session_id: int = SESSION_ID, **changes: object) -> Session:
    """Return an unmarked, finished session."""
    made = Session(
        id=session_id,
        course_name="Algebra for beginners",
        student_name="Hana Bekele",
        tutor_name="Abebe Kebede",
        session_date="2026-11-20",
        start_time="16:00:00",
        end_time="17:00:00",
        status="completed",
        whiteboard_id=1,
        tutor_attendance_status="present",
        student_attendance_status="present",
        attendance_source="system_default",
        tutor_attendance_source="system_default",
        student_attendance_source="system_default",
        attendance_etag="0",
        scheduled_start=START,
        scheduled_end=END,
    )
    made.MergeFrom(Session(**changes))  # type: ignore[arg-type]
    return made


def suggestion() -> GetAttendanceSuggestionResponse:
    """Return a punctual tutor (lateness exactly 0) and a student of whom too little is known."""
    return GetAttendanceSuggestionResponse(
        session_id=SESSION_ID,
        has_whiteboard=True,
        tutor_status_suggestion=AttendanceStatus.present,
        tutor_confidence=Confidence.high,
        tutor_metrics=SuggestionMetrics(
            connected=True,
            lateness_minutes=0.0,
            engagement_percentage=95.5,
            active_minutes=57.3,
            active_seconds=3438,
            session_duration_seconds=3600,
            reason="Came on time and stayed for 95.5 % of the lesson.",
        ),
        tutor_reasons=["ON_TIME"],
        student_status_suggestion=AttendanceStatus.absent,
        student_confidence=Confidence.medium,
        student_metrics=SuggestionMetrics(
            session_duration_seconds=3600, reason="Was not seen at the whiteboard during the lesson."
        ),
        student_reasons=["NEVER_CONNECTED"],
        overall_recommendation="Tutor present, student absent: check with the family before you accept.",
        scheduled_start=START,
        scheduled_end=END,
        etag="3f9a",
    )
