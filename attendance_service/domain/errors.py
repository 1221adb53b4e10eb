"""What callers are told when something can't be done."""

from __future__ import annotations

from servicekit.errors import Aborted, FailedPrecondition, NotFound, PermissionDenied, Unavailable


class SessionNotFound(NotFound):
    """There is no such tutoring session."""

    reason = "SESSION_NOT_FOUND"


class NotYourSession(PermissionDenied):
    """This tutoring session is not yours: tutors and students see their own, parents their children's."""

    reason = "NOT_YOUR_SESSION"


class StudentNotFound(NotFound):
    """There is no such student."""

    reason = "STUDENT_NOT_FOUND"


class StudentsChanged(Aborted):
    """The list of students has changed in between: begin with its first page again."""

    reason = "STUDENTS_CHANGED"


class NotYourReport(PermissionDenied):
    """This report is not yours: tutors see their own, students theirs, parents their children's, admins all."""

    reason = "NOT_YOUR_REPORT"


class PolicyNotFound(NotFound):
    """There is no policy of this version."""

    reason = "POLICY_NOT_FOUND"


class CourseNotFound(NotFound):
    """There is no such course."""

    reason = "COURSE_NOT_FOUND"


class CallerUnknown(PermissionDenied):
    """The token's user does not exist here, so nothing can be recorded in their name."""

    reason = "CALLER_UNKNOWN"


class StudentsDoNotDecide(PermissionDenied):
    """Students see their attendance; tutors, parents and admins record it."""

    reason = "STUDENTS_DO_NOT_DECIDE"


class ParentsReportTheirChild(PermissionDenied):
    """Parents report their own child: send `student_attendance_status`, with notes if you like, and nothing else."""

    reason = "PARENTS_REPORT_THEIR_CHILD"


class GroupClassOfParent(FailedPrecondition):
    """One status is recorded for the whole class, so one child can't be reported here: please tell the tutor."""

    reason = "GROUP_CLASS"


class SessionCancelled(FailedPrecondition):
    """The session was cancelled: there is no attendance to record."""

    reason = "SESSION_CANCELLED"


class NothingToAccept(FailedPrecondition):
    """There are no whiteboard facts, so there is no suggestion to accept: send the statuses instead."""

    reason = "NOTHING_TO_ACCEPT"


class SuggestionProvisional(FailedPrecondition):
    """The suggestion may still change: wait until the session is over and settled, or send the statuses instead."""

    reason = "SUGGESTION_PROVISIONAL"


class SuggestionNotSure(FailedPrecondition):
    """Not both suggestions are of high confidence: look at this session, then accept or mark it by itself."""

    reason = "SUGGESTION_NOT_SURE"


class AlreadyMarked(FailedPrecondition):
    """Somebody decided on this session already: open it to decide otherwise."""

    reason = "ALREADY_MARKED"


class ManyAtOnceNotYours(PermissionDenied):
    """Tutors accept suggestions about their sessions, admins about all; nobody else does."""

    reason = "MANY_AT_ONCE_NOT_YOURS"


class NotTried(Unavailable):
    """There was no time left for this session; retry."""

    reason = "NOT_TRIED"


class NotesWithoutDecision(FailedPrecondition):
    """Notes alone need a session that is marked: send a status with them."""

    reason = "NOTES_WITHOUT_DECISION"


class SuggestionChanged(Aborted):
    """The suggestion is no longer the one that was shown: look again and decide again."""

    reason = "SUGGESTION_CHANGED"


class AttendanceChanged(Aborted):
    """Somebody decided in between: look again and decide again."""

    reason = "ATTENDANCE_CHANGED"


class SessionChanged(Aborted):
    """The session was moved to another time or whiteboard in between: look again and decide again."""

    reason = "SESSION_CHANGED"


class TrackingUnavailable(Unavailable):
    """The tracking service can't be reached at the moment, so there are no facts to judge; retry, or mark manually."""

    reason = "TRACKING_UNAVAILABLE"
