"""Which columns of this service's tables can name a person, and which part of an evidence is about whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from servicekit.identifiers import UserId
from servicekit.personal_data.columns import Columns, Names, of_nobody

#: What an erased text becomes where it can't be empty.
ERASED_TEXT: Final = "[erased]"

_OUTCOME = "outcome overlap_seconds tutor_waited_seconds billable_seconds"

#: Every column that this service writes. A test compares this with the database.
COLUMNS: Columns = {
    "sessions": {
        **of_nobody("tutor_attendance_status student_attendance_status attendance_marked_at attendance_source"),
        "attendance_marked_by": Names.USER,
        "attendance_notes": Names.TEXT,
    },
    "attendance_decisions": {
        "decided_by": Names.USER,
        "notes": Names.TEXT,
        "tutor_excuse_reason": Names.TEXT,
        "evidence": Names.DOCUMENT,
        # A hash over the ids of students, which could be found out by trying.
        "suggestion_etag": Names.TEXT,
        **of_nobody("id session_id decided_at decided_by_role source source_before limits policy_version"),
        **of_nobody("tutor_status_before tutor_status_after tutor_withdrawn tutor_excused"),
        **of_nobody("student_status_before student_status_after student_withdrawn"),
        **of_nobody("tutor_suggested tutor_confidence tutor_reason"),
        **of_nobody("student_suggested student_confidence student_reason"),
    },
    "attendance_student_decisions": {
        "student_id": Names.STUDENT,
        "note": Names.TEXT,
        "excuse_reason": Names.TEXT,
        **of_nobody("id decision_id session_id status_before status_after source source_before withdrawn excused"),
        **of_nobody("suggested confidence reason"),
    },
    "absence_notices": {
        "student_id": Names.STUDENT,
        "announced_by": Names.USER,
        "reason": Names.TEXT,
        **of_nobody("id session_id session_date start_time announced_at announced_by_role withdrawn"),
    },
    "attendance_claims": {
        "student_id": Names.STUDENT,
        "raised_by": Names.USER,
        "note": Names.TEXT,
        **of_nobody("id session_id claimed_status raised_by_role raised_at recorded_status suggested_status"),
    },
    "attendance_claim_answers": {
        "answered_by": Names.USER,
        "note": Names.TEXT,
        **of_nobody("claim_id answer answered_by_role answered_at decision_id"),
    },
    "attendance_policies": {
        "created_by": Names.USER,
        "note": Names.TEXT,
        **of_nobody("version course_id created_at limits"),
    },
    "settled_sessions": {
        "tutor_id": Names.TUTOR,
        "outcome_tutor_id": Names.TUTOR,
        "tutor_user_id": Names.USER,
        "whiteboard_tutor_id": Names.USER,
        "whiteboard_student_ids": Names.USERS,
        "suggestion": Names.DOCUMENT,
        # As attendance_decisions.suggestion_etag.
        "etag": Names.TEXT,
        **of_nobody("session_id claimed_until judged_at changed_at recheck_at session_date start_time end_time"),
        **of_nobody("whiteboard_id enrolled_courses_id cancelled has_whiteboard policy_version"),
        **of_nobody("tutor_status tutor_confidence tutor_reasons student_status student_confidence student_reasons"),
        **of_nobody(f"{_OUTCOME} student_waited_seconds people_erased"),
    },
    "settled_students": {
        "student_id": Names.STUDENT,
        "user_id": Names.USER,
        **of_nobody(f"session_id position status confidence reasons active_seconds lateness_seconds {_OUTCOME}"),
        **of_nobody("waited_seconds"),
    },
    # Hashes of personal fields: their salts are deleted with the fields.
    "ledger_entries": of_nobody("session_id position table_name row_key recorded_at content_hash chain_hash personal"),
    "ledger_salts": of_nobody("table_name row_key salts"),
    "erasures": of_nobody("id erased_at"),
    "attendance_retention_walks": of_nobody("task walked_to finished_at"),
    "ledger_checkpoints": of_nobody("id day taken_at hash"),
    "ledger_checkpoint_heads": of_nobody("session_id position checkpoint_id chain_hash"),
}

#: What an evidence says about the class as a whole; with it one could work out what is about a classmate.
CLASS_FIELDS: Final = frozenset(
    {"student_metrics", "student_reasons", "student_intervals", "student_activity", "etag", "lesson_outcome"}
)
_PEOPLE: Final = ("students", "guests")


def own_part(document: Mapping[str, Any], user_id: UserId, *, is_tutor: bool) -> dict[str, Any]:
    """Return what an evidence says about one of its people, without what is about others."""
    own = {
        people: [entry for entry in document.get(people) or () if entry.get("user_id") == user_id] for people in _PEOPLE
    }
    if not is_tutor and not own["students"] and own["guests"]:
        # A guest belongs to another lesson.
        return {"guests": own["guests"]}
    is_class = len(document.get("students") or ()) > 1
    hidden = CLASS_FIELDS if is_class and not is_tutor else frozenset()
    rest = {name: value for name, value in document.items() if name not in hidden and name not in _PEOPLE}
    return {**rest, **{people: entries for people, entries in own.items() if entries}}
