"""Who may make which call: the one table, from which docs/authorization.md is written.

tests/e2e/authorization makes every call of the table as every caller, on every way in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from development.environment import ROOT

DOCUMENT = ROOT / "docs" / "authorization.md"
_INTRODUCTION = """\
# Authorization

Who may make which call. The columns are callers, by their active role and by what they are to the lesson, the
whiteboard session or the student that the call is about: a class of two students. `yes` means that the call is not
refused; what it returns depends on the caller, too: lists hold only what is theirs, and of a class students and parents
see only themselves and their own children ([api.md](api.md#in-a-class)). Any other cell is the reason with which the
call is refused ([errors.md](errors.md)).

The table is `development/authorization.py`; `make authorization` writes this document from it. A test makes every call
as every caller by REST, by gRPC through the gateway, and by gRPC to the services' own ports, and does the same with
presence sockets and with events on a stream. The calls of PresenceQueryService are refused by the gateway whoever makes
them. Everyone with a token may open a stream; each event on it is checked.
"""


class Caller(Enum):
    """A caller, by their role and by what they are to the lesson."""

    STRANGER = "no token"
    TUTOR = "its tutor"
    SUBSTITUTE = "a substitute"
    OTHER_TUTOR = "another tutor"
    STUDENT = "the student"
    CLASSMATE = "a classmate"
    OTHER_STUDENT = "another student"
    PARENT = "their parent"
    CLASSMATES_PARENT = "a classmate's parent"
    OTHER_PARENT = "another parent"
    ADMIN = "an admin"
    SERVICE = "a service"
    #: A user who is the tutor of the lesson, but whose token has a role that takes no part in lessons.
    OTHER_ROLE = "any other role"


_TUTORS = frozenset({Caller.TUTOR, Caller.SUBSTITUTE, Caller.OTHER_TUTOR})
_PERSONS = frozenset(Caller) - {Caller.STRANGER, Caller.SERVICE, Caller.OTHER_ROLE}
_PARTICIPANTS = frozenset({Caller.TUTOR, Caller.SUBSTITUTE, Caller.STUDENT, Caller.CLASSMATE})
_STUDENTS_OF_THE_CLASS = (Caller.STUDENT, Caller.CLASSMATE)
_OF_THE_LESSON = _PARTICIPANTS | {Caller.PARENT, Caller.CLASSMATES_PARENT, Caller.ADMIN}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may make a call, and why others are refused."""

    allowed: frozenset[Caller]
    refused: str
    #: Callers who are refused for another reason.
    otherwise: Mapping[Caller, str] = field(default_factory=dict)

    def refusal(self, caller: Caller) -> str:
        """Return the reason of the refusal; empty if the caller is not refused."""
        if caller is Caller.STRANGER:
            return "BEARER_MISSING"
        return "" if caller in self.allowed else self.otherwise.get(caller, self.refused)


def _rule(
    allowed: Iterable[Caller],
    refused: str,
    *,
    service: str = "NOT_A_PERSON",
    other_role: str = "ROLE_MISSING",
    otherwise: Mapping[Caller, str] | None = None,
) -> Rule:
    reasons = {Caller.SERVICE: service, Caller.OTHER_ROLE: other_role, **(otherwise or {})}
    return Rule(allowed=frozenset(allowed), refused=refused, otherwise=reasons)


_STREAM = _rule(frozenset(Caller), "")
_EVENT = _rule(
    {*_PARTICIPANTS, Caller.SERVICE},
    "IDENTITY_MISMATCH",
    other_role="IDENTITY_MISMATCH",
    otherwise={Caller.OTHER_TUTOR: "NOT_A_PARTICIPANT", Caller.OTHER_STUDENT: "NOT_A_PARTICIPANT"},
)
#: Whose presence a socket of a page at the whiteboard records.
_SOCKET = _rule(
    _PARTICIPANTS,
    "IDENTITY_MISMATCH",
    other_role="IDENTITY_MISMATCH",
    otherwise={Caller.OTHER_TUTOR: "NOT_A_PARTICIPANT", Caller.OTHER_STUDENT: "NOT_A_PARTICIPANT"},
)
_STATUS = _rule(
    {*_PARTICIPANTS, Caller.ADMIN, Caller.SERVICE},
    "WHITEBOARD_SESSION_NOT_FOUND",
    other_role="WHITEBOARD_SESSION_NOT_FOUND",
)
_FOR_SERVICES = _rule({Caller.SERVICE}, "ROLE_MISSING")
_SESSION = _rule(_OF_THE_LESSON, "SESSION_NOT_FOUND")
_DECISION = _rule(
    _OF_THE_LESSON.difference(_STUDENTS_OF_THE_CLASS),
    "SESSION_NOT_FOUND",
    otherwise=dict.fromkeys(_STUDENTS_OF_THE_CLASS, "STUDENTS_DO_NOT_DECIDE"),
)
_ABSENCE = _rule(
    {Caller.TUTOR, Caller.SUBSTITUTE, Caller.PARENT, Caller.ADMIN},
    "SESSION_NOT_FOUND",
    otherwise={
        **dict.fromkeys(_STUDENTS_OF_THE_CLASS, "ABSENCE_NOT_YOURS"),
        # They see only their own child.
        Caller.CLASSMATES_PARENT: "NOT_ON_ROSTER",
    },
)
_CLAIM = _rule(
    {Caller.STUDENT, Caller.PARENT},
    "SESSION_NOT_FOUND",
    otherwise={
        **dict.fromkeys((Caller.TUTOR, Caller.SUBSTITUTE, Caller.ADMIN), "CLAIM_NOT_YOURS"),
        **dict.fromkeys((Caller.CLASSMATE, Caller.CLASSMATES_PARENT), "NOT_ON_ROSTER"),
    },
)
#: To the student's claim; the student may take it back.
_ANSWER = _rule(
    {Caller.TUTOR, Caller.SUBSTITUTE, Caller.ADMIN},
    "CLAIM_NOT_FOUND",
    otherwise=dict.fromkeys((Caller.STUDENT, Caller.PARENT), "CLAIM_NOT_YOURS"),
)
_LIST = _rule(_PERSONS, "")
_MANY = _rule({*_TUTORS, Caller.ADMIN}, "MANY_AT_ONCE_NOT_YOURS")
_TUTOR_REPORT = _rule({*_TUTORS, Caller.ADMIN}, "NOT_YOUR_REPORT")
_STUDENT_REPORT = _rule({Caller.TUTOR, Caller.STUDENT, Caller.PARENT, Caller.ADMIN}, "STUDENT_NOT_FOUND")
_ADMIN_REPORT = _rule({Caller.ADMIN}, "NOT_YOUR_REPORT")
_POLICY = _rule({Caller.ADMIN}, "ROLE_MISSING")

#: By service and call.
TABLE: Mapping[str, Mapping[str, Rule]] = {
    "TrackingService": {
        "StreamHeartbeats": _STREAM,
        "Connect": _EVENT,
        "Heartbeat": _EVENT,
        "Disconnect": _EVENT,
        "GetConnectionStatus": _STATUS,
        "WatchConnectionStatus": _STATUS,
    },
    "PresenceQueryService": {
        "GetConnectionMetrics": _FOR_SERVICES,
        "BatchGetConnectionMetrics": _FOR_SERVICES,
        "ListTutorEngagement": _FOR_SERVICES,
    },
    "AttendanceService": {
        "GetAttendanceSuggestion": _SESSION,
        "GetSession": _SESSION,
        "ListAttendanceHistory": _SESSION,
        "MarkAttendance": _DECISION,
        "WithdrawDecision": _DECISION,
        "AnnounceAbsence": _ABSENCE,
        "RaiseClaim": _CLAIM,
        "AnswerClaim": _ANSWER,
        "ListClaims": _LIST,
        "ListInbox": _LIST,
        "ListSessions": _LIST,
        "ListStudents": _LIST,
        "GetCaller": _LIST,
        "ApplySuggestions": _MANY,
        "ListTutorAttendanceRates": _TUTOR_REPORT,
        "ExportTutorAttendanceRates": _TUTOR_REPORT,
        "ListWhiteboardEngagement": _TUTOR_REPORT,
        "ExportWhiteboardEngagement": _TUTOR_REPORT,
        "ListLessonOutcomes": _TUTOR_REPORT,
        "ExportLessonOutcomes": _TUTOR_REPORT,
        "ListAttendanceTrend": _TUTOR_REPORT,
        "ExportAttendanceTrend": _TUTOR_REPORT,
        "ListStudentsAtRisk": _TUTOR_REPORT,
        "ExportStudentsAtRisk": _TUTOR_REPORT,
        "GetStudentAttendanceReport": _STUDENT_REPORT,
        "ExportStudentAttendanceReport": _STUDENT_REPORT,
        "GetSuggestionAccuracy": _ADMIN_REPORT,
        "ExportSuggestionAccuracy": _ADMIN_REPORT,
        "ListPolicies": _POLICY,
        "GetPolicy": _POLICY,
        "CreatePolicy": _POLICY,
        "ListCourses": _POLICY,
        "EvaluatePolicy": _POLICY,
    },
}
#: Presence that is not reported by a call of its own.
PRESENCE: Mapping[str, Rule] = {
    "an event on a stream": _EVENT,
    "a presence socket": _SOCKET,
}


def document() -> str:
    """Return docs/authorization.md."""
    sections = {**TABLE, "Other ways to report presence": PRESENCE}
    return "\n".join([_INTRODUCTION, *(_section(title, rules) for title, rules in sections.items())])


def _section(service: str, rules: Mapping[str, Rule]) -> str:
    lines = [
        _row("call", *(caller.value for caller in Caller)),
        _row("---", *("---" for _ in Caller)),
        *(_row(call, *(_cell(rule.refusal(caller)) for caller in Caller)) for call, rule in rules.items()),
    ]
    return f"## {service}\n\n" + "\n".join(lines) + "\n"


def _cell(refusal: str) -> str:
    return f"`{refusal}`" if refusal else "yes"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document())
    print(DOCUMENT)


if __name__ == "__main__":
    main()
