"""Abel, who studies and teaches, in every column that can name a person; and Sara, who is in his class.

All that says who Abel is can be found in a dump: his ids are unlike any other number, and texts about him say so.
"""

from __future__ import annotations

import json
from typing import Any

from testkit.postgres import execute

#: users.id, student_profiles.id and tutor_profiles.id.
ABEL, ABEL_STUDENT, ABEL_TUTOR = 913000205, 913000029, 913000030
SARA, SARA_STUDENT = 206, 36
#: A tutor and an admin, who marks.
HANA, HANA_TUTOR = 101, 11
ADMIN = 1
#: In each text that Abel wrote or that is about him.
ABOUT_ABEL = "Abel-913"
ABOUT_SARA = "Sara-wrote-this"
#: What stands for him in a dump of the database.
TRACES = ("9130002", "9130000", ABOUT_ABEL)
#: In which he and Sara are a class of Hana's, in which he is the only student, in which he teaches Sara, and in which
#: he is a guest.
CLASS, ALONE, TAUGHT, GUEST = 1, 2, 3, 4

_PLATFORM = f"""
INSERT INTO users (id, first_name) VALUES
    ({ABEL}, 'Abel'), ({SARA}, 'Sara'), ({HANA}, 'Hana'), ({ADMIN}, 'Admin');
INSERT INTO tutor_profiles (id, user_id, username) VALUES
    ({HANA_TUTOR}, {HANA}, 'hana'), ({ABEL_TUTOR}, {ABEL}, 'abel');
INSERT INTO student_profiles (id, user_id, username) VALUES
    ({ABEL_STUDENT}, {ABEL}, 'abel'), ({SARA_STUDENT}, {SARA}, 'sara');
INSERT INTO enrolled_courses (id, tutor_id, students_id) VALUES
    (1, {HANA_TUTOR}, '{{{ABEL_STUDENT},{SARA_STUDENT}}}'), (2, {HANA_TUTOR}, '{{{ABEL_STUDENT}}}'),
    (3, {ABEL_TUTOR}, '{{{SARA_STUDENT}}}'), (4, {HANA_TUTOR}, '{{{SARA_STUDENT}}}');
INSERT INTO whiteboard_sessions (id, tutor_id, student_id, status, scheduled_start, scheduled_end) VALUES
    (1, {HANA}, '{{{ABEL},{SARA}}}', 'completed', '2025-03-01 09:00+00', '2025-03-01 10:00+00'),
    (2, {HANA}, '{{{ABEL}}}', 'completed', '2025-03-02 09:00+00', '2025-03-02 10:00+00'),
    (3, {ABEL}, '{{{SARA}}}', 'completed', '2025-03-03 09:00+00', '2025-03-03 10:00+00'),
    (4, {HANA}, '{{{SARA}}}', 'completed', '2025-03-04 09:00+00', '2025-03-04 10:00+00');
INSERT INTO sessions (id, enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, status,
                      tutor_attendance_status, student_attendance_status, attendance_source, attendance_marked_by,
                      attendance_marked_at, attendance_notes)
SELECT id, id, id, DATE '2025-02-28' + id, '12:00', '13:00', 'completed', 'present', 'late', 'manual',
       CASE WHEN id = {TAUGHT} THEN {ABEL} ELSE {HANA} END, '2025-03-10 00:00+00',
       CASE WHEN id = {GUEST} THEN 'Nothing' ELSE '{ABOUT_ABEL} came late' END
FROM generate_series(1, 4) AS id;
"""  # noqa: S608

_FACTS = f"""
INSERT INTO presence_intervals (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at,
                                end_reason, connections, sole_connection_id)
SELECT board.id, person.id, CASE WHEN person.id = board.tutor_id THEN 'tutor' ELSE 'student' END,
       board.scheduled_start, board.scheduled_end, board.scheduled_end, 'closed',
       CASE person.id WHEN {ABEL} THEN '{{"{ABOUT_ABEL}-tab": 1}}' ELSE '{{}}' END::jsonb,
       CASE person.id WHEN {ABEL} THEN '{ABOUT_ABEL}-tab' END
FROM whiteboard_sessions AS board
JOIN users AS person ON person.id = board.tutor_id OR person.id = ANY (board.student_id)
    OR person.id = {ABEL} AND board.id = {GUEST};
INSERT INTO connection_events (whiteboard_session_id, user_id, user_type, occurred_at, event, connection_id)
SELECT whiteboard_session_id, user_id, user_type, started_at, 'connect', COALESCE(sole_connection_id, '')
FROM presence_intervals;
INSERT INTO connection_events (whiteboard_session_id, user_id, user_type, occurred_at, event, connection_id)
SELECT whiteboard_session_id, user_id, user_type, started_at, 'connect', '{ABOUT_ABEL}-other'
FROM presence_intervals WHERE user_id = {ABEL};
INSERT INTO activity_periods
SELECT whiteboard_session_id, user_id, user_type, 'draw', started_at, started_at, 3 FROM presence_intervals;
INSERT INTO heartbeat_streams VALUES
    (gen_random_uuid(), 'user:{ABEL}', 1, 0, '2025-03-01', '2025-03-01'),
    (gen_random_uuid(), 'service:socket', 1, 0, '2025-03-01', '2025-03-01');
INSERT INTO relay_coverage VALUES (gen_random_uuid(), 'user:{ABEL}', '2025-03-01', '2025-03-01');
UPDATE whiteboard_sessions AS board SET
    tutor_connected_at = scheduled_start, tutor_disconnected_at = scheduled_end, tutor_total_active_seconds = 3600,
    student_connected_at = scheduled_start, student_disconnected_at = scheduled_end,
    student_total_active_seconds = 3600,
    connection_logs = (SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'user_type', user_type,
        'event', 'connect', 'timestamp', started_at)) FROM presence_intervals WHERE whiteboard_session_id = board.id);
"""  # noqa: S608


def _student(user_id: int, student_id: int, name: str) -> dict[str, Any]:
    return {"user_id": user_id, "student_id": student_id, "name": name, "status_suggestion": "late"}


def evidence(tutor: int, students: list[dict[str, Any]], guests: list[dict[str, Any]]) -> str:
    """Return what was suggested, as it is kept."""
    document = {
        "tutor_status_suggestion": "present",
        "tutor_confidence": "high",
        "tutor_reasons": ["on_time", "full_session"],
        "tutor_metrics": {"active_minutes": 60.0},
        "tutor_user_id": tutor,
        "student_status_suggestion": "late",
        "student_confidence": "medium",
        "student_reasons": ["late"],
        "student_metrics": {"active_minutes": 50.0},
        "students": students,
        "guests": guests,
        "has_whiteboard": True,
        "overall_recommendation": "The facts are clear.",
    }
    return json.dumps(document)


_ABEL_AS_STUDENT, _SARA_AS_STUDENT = (
    _student(ABEL, ABEL_STUDENT, ABOUT_ABEL),
    _student(SARA, SARA_STUDENT, "Sara"),
)
_EVIDENCE = {
    CLASS: evidence(HANA, [_ABEL_AS_STUDENT, _SARA_AS_STUDENT], []),
    ALONE: evidence(HANA, [_ABEL_AS_STUDENT], []),
    TAUGHT: evidence(ABEL, [_SARA_AS_STUDENT], []),
    GUEST: evidence(HANA, [_SARA_AS_STUDENT], [{"user_id": ABEL, "name": ABOUT_ABEL, "user_type": "student"}]),
}

_LEDGER = f"""
INSERT INTO attendance_decisions (session_id, decided_at, decided_by, decided_by_role, source, source_before, limits,
    tutor_status_after, student_status_after, notes, evidence, suggestion_etag, tutor_excuse_reason)
SELECT s.id, '2025-03-10 00:00+00', s.attendance_marked_by, 'tutor', 'manual', 'system_default', '{{}}',
    'present', 'late', s.attendance_notes, CAST(%s AS jsonb) -> s.id::text,
    CASE WHEN s.id <> {GUEST} THEN 'hash-of-{ABOUT_ABEL}' END, CASE WHEN s.id = {TAUGHT} THEN '{ABOUT_ABEL} was ill' END
FROM sessions AS s ORDER BY s.id;
INSERT INTO attendance_student_decisions
    (decision_id, session_id, student_id, status_after, source, source_before, note, excuse_reason)
SELECT decision.id, decision.session_id, student, 'late', 'manual', 'system_default',
    CASE student WHEN {ABEL_STUDENT} THEN '{ABOUT_ABEL} wrote before' ELSE '{ABOUT_SARA}' END,
    CASE student WHEN {ABEL_STUDENT} THEN '{ABOUT_ABEL} had fever' END
FROM attendance_decisions AS decision JOIN enrolled_courses AS ec ON ec.id = decision.session_id
CROSS JOIN unnest(ec.students_id) AS student ORDER BY 1, 3;
INSERT INTO absence_notices (session_id, student_id, announced_by, announced_by_role, reason, withdrawn) VALUES
    ({CLASS}, {ABEL_STUDENT}, {HANA}, 'tutor', '{ABOUT_ABEL} travels', FALSE),
    ({CLASS}, {SARA_STUDENT}, {HANA}, 'tutor', '{ABOUT_SARA}', FALSE),
    ({TAUGHT}, NULL, {ABEL}, 'tutor', '{ABOUT_ABEL} is at a wedding', FALSE);
INSERT INTO attendance_claims (session_id, student_id, claimed_status, note, raised_by, raised_by_role) VALUES
    ({CLASS}, {ABEL_STUDENT}, 'present', '{ABOUT_ABEL} was there', {ABEL}, 'student'),
    ({TAUGHT}, {SARA_STUDENT}, 'present', '{ABOUT_SARA}', {SARA}, 'student');
INSERT INTO attendance_claim_answers (claim_id, answer, note, answered_by, answered_by_role) VALUES
    (1, 'declined', 'No, {ABOUT_ABEL} was not', {HANA}, 'tutor'),
    (2, 'declined', 'No, says {ABOUT_ABEL}', {ABEL}, 'tutor');
INSERT INTO attendance_policies (created_by, limits, note) VALUES ({ABEL}, '{{}}', 'By {ABOUT_ABEL}');
"""  # noqa: S608

_SETTLED = f"""
INSERT INTO settled_sessions (session_id, judged_at, session_date, start_time, end_time, whiteboard_id,
    enrolled_courses_id, cancelled, tutor_id, tutor_user_id, whiteboard_tutor_id, whiteboard_student_ids,
    has_whiteboard, tutor_status, tutor_confidence, tutor_reasons, student_status, student_confidence, student_reasons,
    etag, policy_version, suggestion, outcome, outcome_tutor_id, overlap_seconds, tutor_waited_seconds,
    student_waited_seconds, billable_seconds)
SELECT s.id, '2025-03-05 00:00+00', s.session_date, s.start_time, s.end_time, s.whiteboard_id, s.enrolled_courses_id,
    FALSE, ec.tutor_id, board.tutor_id, board.tutor_id, board.student_id, TRUE, 'present', 'high', '{{on_time}}',
    'late', 'medium', '{{late}}', CASE WHEN s.id = {GUEST} THEN 'hash' ELSE 'hash-of-{ABOUT_ABEL}' END, 0,
    CAST(%s AS jsonb) -> s.id::text, 'held', ec.tutor_id, 3000, 0, 0, 3000
FROM sessions AS s JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
JOIN whiteboard_sessions AS board ON board.id = s.whiteboard_id;
INSERT INTO settled_students (session_id, position, student_id, user_id, status, confidence, reasons, active_seconds,
    lateness_seconds, outcome, overlap_seconds, tutor_waited_seconds, waited_seconds, billable_seconds)
SELECT s.id, listed.position, profile.id, profile.user_id, 'late', 'medium', '{{late}}', 3000, 600, 'held', 3000, 0, 0,
    3000
FROM sessions AS s JOIN enrolled_courses AS ec ON ec.id = s.enrolled_courses_id
CROSS JOIN unnest(ec.students_id) WITH ORDINALITY AS listed (id, position)
JOIN student_profiles AS profile ON profile.id = listed.id;
"""  # noqa: S608


def fill(url: str) -> None:
    """Write down everything that is known of Abel and of those around him."""
    documents = "'" + json.dumps({key: json.loads(value) for key, value in _EVIDENCE.items()}) + "'"
    execute(url, _PLATFORM, _FACTS, _LEDGER.replace("%s", documents), _SETTLED.replace("%s", documents))
