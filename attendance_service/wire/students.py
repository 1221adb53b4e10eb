"""Students as messages, and requests for them; InvalidArgument names every field at fault."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller
from attendance_service.domain.students import Student, StudentListQuery
from attendance_service.wire import fields
from attendance_service.wire.page_tokens import number_page_position
from servicekit.identifiers import StudentProfileId


def student_list_query(request: pb.ListStudentsRequest, caller: Caller) -> StudentListQuery:
    """Return which page of the students is asked for."""
    after = number_page_position(request.page_token, question(request, caller))
    return StudentListQuery(
        search=fields.search(request.search),
        after=None if after is None else StudentProfileId(after),
        size=fields.page_size(request.page_size),
    )


def question(request: pb.ListStudentsRequest, caller: Caller) -> object:
    """Return what a page token is bound to: the list, whoever asks, and what they look for."""
    return (request.DESCRIPTOR.name, caller.user_id, caller.role, request.search)


def student_message(student: Student) -> pb.Student:
    """Return one student."""
    return pb.Student(student_id=student.id, user_id=student.user_id, name=student.name)
