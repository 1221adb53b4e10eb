"""Tutoring sessions as messages."""

from __future__ import annotations

from datetime import date, time, tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.session import TutoringSession
from attendance_service.wire.moments import timestamp
from attendance_service.wire.students import student_message


def session_message(
    session: TutoringSession, caller: Caller, zone: tzinfo, *, facts_changed: bool | None = None
) -> pb.Session:
    """Return one session as its caller may see it; `zone` is the session time zone."""
    students = session.enrolment.students_shown_to(caller)
    attendance, schedule = session.attendance, session.schedule
    window = schedule.window(zone)
    return pb.Session(
        id=session.id,
        course_name=session.course_name,
        student_name=", ".join(student.name for student in students),
        tutor_name=session.tutor_name,
        session_date=day(schedule.day),
        start_time=clock_time(schedule.start),
        end_time=clock_time(schedule.end),
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
        students=map(student_message, students),
    )


def day(value: date | None) -> str:
    """Return a day as YYYY-MM-DD; empty where there is none."""
    return "" if value is None else value.isoformat()


def clock_time(value: time | None) -> str:
    """Return a time of day as HH:MM:SS; empty where there is none."""
    return "" if value is None else value.isoformat(timespec="seconds")
