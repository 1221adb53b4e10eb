"""SQL of what is the caller's, by the role they act in."""

from __future__ import annotations

from attendance_service.domain.caller import CallerRole

#: student_profiles.id of the caller's children: listed by the child or by the parent.
_CHILDREN = """ARRAY(
    SELECT child.id FROM student_profiles AS child
    JOIN parent_profiles AS parent ON parent.id = ANY (child.parent_id) OR child.id = ANY (parent.children_ids)
    WHERE parent.user_id = :caller)"""
_OWN_STUDENT_PROFILES = "ARRAY(SELECT own.id FROM student_profiles AS own WHERE own.user_id = :caller)"
_OWN_TUTOR_PROFILES = "ARRAY(SELECT own.id FROM tutor_profiles AS own WHERE own.user_id = :caller)"

#: Which enrolments `ec` are the caller's, and with them their sessions.
ENROLMENTS_OF = {
    CallerRole.TUTOR: f"ec.tutor_id = ANY ({_OWN_TUTOR_PROFILES})",
    CallerRole.STUDENT: f"ec.students_id && {_OWN_STUDENT_PROFILES}",
    CallerRole.PARENT: f"ec.students_id && {_CHILDREN}",
    CallerRole.ADMIN: "TRUE",
}

#: Which students `student` of these enrolments the caller may know: classmates are nobody's business.
STUDENTS_SHOWN_TO = {
    CallerRole.TUTOR: "TRUE",
    CallerRole.STUDENT: "student.user_id = :caller",
    CallerRole.PARENT: f"student.id = ANY ({_CHILDREN})",
    CallerRole.ADMIN: "TRUE",
}

#: Which students `student` the caller may ask reports about.
STUDENTS_OF = STUDENTS_SHOWN_TO | {
    CallerRole.TUTOR: f"""student.id IN (
    SELECT taught.id FROM enrolled_courses AS ec, unnest(ec.students_id) AS taught (id)
    WHERE {ENROLMENTS_OF[CallerRole.TUTOR]})""",  # noqa: S608 - constants
}
