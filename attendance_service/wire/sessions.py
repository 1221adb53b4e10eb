"""Tutoring sessions as messages."""

from __future__ import annotations

from datetime import date, time, tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.session import TutoringSession
from attendance_service.wire.moments import timestamp


def session_message(session: TutoringSession, zone: tzinfo, *, facts_changed: bool | None = None) -> pb.Session:
    """Return one session; `zone` is the session time zone."""
    attendance, schedule = session.attendance, session.schedule
    window = schedule.window(zone)
    return pb.Session(
        id=session.id,
        course_name=session.course_name,
        student_name=session.student_name,
        tutor_name=session.tutor_name,
        session_date=_day(schedule.day),
        start_time=_time(schedule.start),
        end_time=_time(schedule.end),
        status=session.status,
        whiteboard_id=schedule.whiteboard_id,
        tutor_attendance_status=attendance.tutor_status,
        student_attendance_status=attendance.student_status,
        attendance_source=attendance.source,
        attendance_notes=attendance.notes,
        attendance_marked_by=attendance.marked_by,
        attendance_marked_at=timestamp(attendance.marked_at),
        tutor_attendance_source=attendance.tutor_source,
        student_attendance_source=attendance.student_source,
        attendance_etag=attendance.etag,
        facts_changed_since_decision=facts_changed,
        scheduled_start=timestamp(window.started_at if window else None),
        scheduled_end=timestamp(window.ended_at if window else None),
    )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _time(clock_time: time | None) -> str:
    return "" if clock_time is None else clock_time.isoformat(timespec="seconds")
