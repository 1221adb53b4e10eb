"""Requests for sessions and students, and both as messages."""

from __future__ import annotations

from datetime import tzinfo

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.clear_suggestion import is_clear_to
from attendance_service.domain.listing import ATTENDANCE_FILTERS, PageRequest, SessionQuery, StudentListQuery
from attendance_service.domain.session import (
    AnnouncedAbsences,
    EnrolledStudent,
    Student,
    TutoringSession,
    normalised_status,
)
from attendance_service.domain.vocabulary import SessionStatus
from attendance_service.use_cases.session_queries import SessionCard
from attendance_service.wire import fields
from attendance_service.wire.fields import timestamp, written_day, written_time
from attendance_service.wire.page_tokens import number_page_position, page_scope, session_page_position
from attendance_service.wire.settlements import settled_outcome, settled_suggestion
from servicekit.identifiers import StudentProfileId


def session_query(request: pb.ListSessionsRequest, caller: Caller) -> SessionQuery:
    """Return which sessions are asked for."""
    status = fields.choice("status_filter", normalised_status(request.status_filter), SessionStatus)
    size = fields.page_size(request.page_size)
    return SessionQuery(
        status=SessionStatus(status) if status else None,
        dates=fields.date_range(request.date_from, request.date_to),
        attendance_filter=fields.choice("attendance_filter", request.attendance_filter, ATTENDANCE_FILTERS),
        search=fields.search(request.search),
        with_total_size=request.with_total_size,
        whiteboard_id=fields.whiteboard_id(request.whiteboard_id),
        page=PageRequest(after=session_page_position(request.page_token, page_scope(request, caller)), size=size),
    )


def student_list_query(request: pb.ListStudentsRequest, caller: Caller) -> StudentListQuery:
    """Return which students are asked for."""
    after = number_page_position(request.page_token, page_scope(request, caller))
    return StudentListQuery(
        search=fields.search(request.search),
        page=PageRequest(
            after=None if after is None else StudentProfileId(after), size=fields.page_size(request.page_size)
        ),
    )


def student_message(student: Student) -> pb.Student:
    """Return one student."""
    return pb.Student(student_id=student.id, user_id=student.user_id, name=student.name)


def students_in_session(session: TutoringSession, caller: Caller) -> list[pb.Student]:
    """Return the students of a session as its caller may see them, each with what is recorded about them."""
    return [_student_in_session(enrolled, session.absences) for enrolled in session.enrolment.shown_to(caller)]


def _student_in_session(enrolled: EnrolledStudent, absences: AnnouncedAbsences) -> pb.Student:
    student, record = enrolled.student, enrolled.record
    return pb.Student(
        student_id=student.id,
        user_id=student.user_id,
        name=student.name,
        attendance_status=record.status if record.is_marked else None,
        attendance_source=record.source,
        note=record.note,
        excused=record.excused,
        excuse_reason=record.excuse_reason,
        attendance_marked_by=record.marked_by,
        attendance_marked_at=timestamp(record.marked_at),
        absence_announced=absences.reason_for(student),
    )


def card_message(card: SessionCard, caller: Caller, zone: tzinfo) -> pb.Session:
    """Return one session with what was suggested about it, as its caller may see both."""
    message = session_message(card.session, caller, zone)
    if card.facts_changed is not None:
        message.facts_changed_since_decision = card.facts_changed
    if card.suggestion is not None:
        message.suggestion_is_clear = is_clear_to(card.suggestion, card.session, caller)
        message.suggestion.CopyFrom(settled_suggestion(card.suggestion, card.session, caller))
        outcome = settled_outcome(card.suggestion, card.session, caller)
        if outcome is not None:
            message.lesson_outcome.CopyFrom(outcome)
    if card.limits is not None:
        message.word_rules.claim_within_days = card.limits.claim_within_days
        message.word_rules.parent_word_becomes_claim = card.limits.parent_word_becomes_claim
    return message


def session_message(session: TutoringSession, caller: Caller, zone: tzinfo) -> pb.Session:
    """Return one session as its caller may see it; `zone` is the session time zone."""
    students = session.enrolment.students_shown_to(caller)
    attendance, schedule = session.attendance, session.schedule
    window = schedule.window(zone)
    return pb.Session(
        id=session.id,
        course_name=session.course_name,
        student_name=", ".join(student.name for student in students),
        tutor_name=session.tutor_name,
        session_date=written_day(schedule.day),
        start_time=written_time(schedule.start),
        end_time=written_time(schedule.end),
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
        attendance_etag=session.attendance_etag(caller),
        scheduled_start=timestamp(window.start if window else None),
        scheduled_end=timestamp(window.end if window else None),
        students=students_in_session(session, caller),
        source_before_move=attendance.source_before_move,
        tutor_excused=attendance.tutor_excused,
        tutor_excuse_reason=attendance.tutor_excuse_reason,
        undecided_students=session.undecided_students(caller),
        tutor_absence_announced=session.absences.tutor,
        open_claims=session.count_open_claims(caller),
        parent_changed_mark=session.has_parents_word(caller),
        tutor_user_id=session.enrolment.tutor_user_id,
    )
