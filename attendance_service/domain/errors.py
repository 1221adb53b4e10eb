"""Errors that callers get. The docstrings are the messages (docs/errors.md)."""

from __future__ import annotations

from servicekit.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unavailable,
)


class SessionNotFound(NotFound):
    """There is no such lesson that you may see: tutors and students see their own, parents their children's."""

    reason = "SESSION_NOT_FOUND"


class StudentNotFound(NotFound):
    """There is no such student, or you may not see them."""

    reason = "STUDENT_NOT_FOUND"


class StudentsChanged(Aborted):
    """The list of students has changed in the meantime: start again with its first page."""

    reason = "STUDENTS_CHANGED"


class NotYourReport(PermissionDenied):
    """This report is not yours: tutors see their own, students theirs, parents their children's, admins all."""

    reason = "NOT_YOUR_REPORT"


class PolicyNotFound(NotFound):
    """There is no policy of this version."""

    reason = "POLICY_NOT_FOUND"


class PolicyChanged(Aborted):
    """Another policy was put into force in the meantime: look at it, then create yours again."""

    reason = "POLICY_CHANGED"


class CourseNotFound(NotFound):
    """There is no such course."""

    reason = "COURSE_NOT_FOUND"


class CallerUnknown(PermissionDenied):
    """The token's user does not exist here, so nothing can be recorded under their name."""

    reason = "CALLER_UNKNOWN"


class StudentsDoNotDecide(PermissionDenied):
    """Tutors, parents and admins record attendance. If what is recorded about you is wrong, raise a claim."""

    reason = "STUDENTS_DO_NOT_DECIDE"


class ParentsReportTheirChild(PermissionDenied):
    """Parents report their own children: send a status of theirs, with notes if you like, and nothing else."""

    reason = "PARENTS_REPORT_THEIR_CHILD"


class SubstitutesMarkStudents(PermissionDenied):
    """Substitutes record the students: send statuses of students, with notes if you like, and nothing else."""

    reason = "SUBSTITUTES_MARK_STUDENTS"


class ParentsDoNotExcuse(PermissionDenied):
    """Parents don't excuse an absence: ask the tutor or an admin to excuse it."""

    reason = "PARENTS_DO_NOT_EXCUSE"


class AdminsExcuseTutors(PermissionDenied):
    """Tutors excuse their students, not themselves: ask an admin to excuse the tutor."""

    reason = "ADMINS_EXCUSE_TUTORS"


class ExcuseNeedsAbsence(FailedPrecondition):
    """Only an absence can be excused: send the status `absent` with the excuse, or leave the excuse out."""

    reason = "EXCUSE_NEEDS_ABSENCE"


class AdminDecided(PermissionDenied):
    """An admin decided on this, so only an admin can change it: ask an admin, or leave it out."""

    reason = "ADMIN_DECIDED"


class NothingToWithdraw(FailedPrecondition):
    """Nobody decided on a person on whom you may decide, so there is nothing to withdraw."""

    reason = "NOTHING_TO_WITHDRAW"


class NotYourDecision(PermissionDenied):
    """Parents withdraw what a parent reported; another person decided this: raise a claim if it is wrong."""

    reason = "NOT_YOUR_DECISION"


class SessionCancelled(FailedPrecondition):
    """The lesson was cancelled: there is no attendance to record."""

    reason = "SESSION_CANCELLED"


class SessionNotBegun(FailedPrecondition):
    """The lesson has not begun: attendance can be recorded from its start on."""

    reason = "SESSION_NOT_BEGUN"


class SessionBegun(FailedPrecondition):
    """The lesson has begun: absences are announced before that; now record the attendance, or raise a claim."""

    reason = "SESSION_BEGUN"


class AbsenceNotYours(PermissionDenied):
    """Parents announce their child's absence, tutors their own and their students', admins everyone's."""

    reason = "ABSENCE_NOT_YOURS"


class NothingAnnounced(FailedPrecondition):
    """No absence of this person is announced for this lesson, so there is nothing to withdraw."""

    reason = "NOTHING_ANNOUNCED"


class ClaimNotYours(PermissionDenied):
    """Students claim for themselves, parents for their children, and take back their own; tutors and admins answer."""

    reason = "CLAIM_NOT_YOURS"


class ClaimNotFound(NotFound):
    """There is no such claim that you may see: take the ids that ListClaims returns."""

    reason = "CLAIM_NOT_FOUND"


class ClaimTooEarly(FailedPrecondition):
    """The lesson is neither over nor marked: raise a claim when it is."""

    reason = "CLAIM_TOO_EARLY"


class ClaimTooLate(FailedPrecondition):
    """The time for claims about this lesson is over: speak to the tutor or an admin."""

    reason = "CLAIM_TOO_LATE"


class ClaimOpen(FailedPrecondition):
    """Another claim about this student and lesson waits for its answer: wait for that, or have it taken back."""

    reason = "CLAIM_OPEN"


class ClaimWaits(FailedPrecondition):
    """A student or parent objects: answer the claim about this lesson, or mark the lesson by itself."""

    reason = "CLAIM_WAITS"


class AlreadyRecorded(FailedPrecondition):
    """This status is recorded already, so there is nothing to claim."""

    reason = "ALREADY_RECORDED"


class TooManyClaims(FailedPrecondition):
    """You raised so many claims about this student and lesson that no more can be: speak to the tutor or an admin."""

    reason = "TOO_MANY_CLAIMS"


class ClaimAnswered(Aborted):
    """This claim was answered in the meantime: look at it again."""

    reason = "CLAIM_ANSWERED"


class NotOnRoster(InvalidArgument):
    """This is not a student of this lesson whom you may see: take the ids that GetSession lists in `students`."""

    reason = "NOT_ON_ROSTER"


class NothingToAccept(FailedPrecondition):
    """There are no whiteboard facts, so there is no suggestion to accept: send the statuses instead."""

    reason = "NOTHING_TO_ACCEPT"


class SuggestionProvisional(FailedPrecondition):
    """The suggestion may still change: wait until the lesson is over and settled, or send the statuses instead."""

    reason = "SUGGESTION_PROVISIONAL"


class SuggestionNotSure(FailedPrecondition):
    """The suggestion is not of high confidence: open this lesson, then accept or mark it by itself."""

    reason = "SUGGESTION_NOT_SURE"


class StudentsDiffer(FailedPrecondition):
    """The students differ, and have no statuses of their own here: open this lesson and mark it."""

    reason = "STUDENTS_DIFFER"


class AlreadyMarked(FailedPrecondition):
    """This lesson is already marked: open it to decide otherwise."""

    reason = "ALREADY_MARKED"


class BulkAcceptNotAllowed(PermissionDenied):
    """Only tutors (for their lessons) and admins (for all lessons) may accept suggestions."""

    reason = "MANY_AT_ONCE_NOT_YOURS"


class NotesWithoutDecision(FailedPrecondition):
    """Notes alone need a lesson that is marked, or a student who is: send a status with them."""

    reason = "NOTES_WITHOUT_DECISION"


class SuggestionChanged(Aborted):
    """The suggestion has changed since it was shown: look at it again and decide again."""

    reason = "SUGGESTION_CHANGED"


class AttendanceChanged(Aborted):
    """Another decision was made in the meantime: look at the lesson again and decide again."""

    reason = "ATTENDANCE_CHANGED"


class SessionChanged(Aborted):
    """The lesson was moved or its people were changed in the meantime: look at it again and decide again."""

    reason = "SESSION_CHANGED"


class TrackingUnavailable(Unavailable):
    """The tracking service can't be reached at the moment, so there are no facts to judge; retry, or mark manually."""

    reason = "TRACKING_UNAVAILABLE"
