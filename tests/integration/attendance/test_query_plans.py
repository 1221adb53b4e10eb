"""PostgreSQL finds the rows of reports and searches by indexes, however many sessions there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.attendance_trend import TrendQuery
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.evaluation import DecisionPosition, EvaluationQuery
from attendance_service.domain.listing import (
    BULK_ACCEPTABLE,
    DateRange,
    PageRequest,
    SessionQuery,
    StudentListQuery,
    search_of,
)
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.reports import OutcomeGrouping, OutcomeQuery, StudentQuery, TutorQuery
from attendance_service.store import reports
from attendance_service.store.attendance_trend import trend_page, trend_parameters
from attendance_service.store.evaluation import PAST_DECISIONS, evaluation_parameters
from attendance_service.store.gauges import COUNT_LESSONS, GaugeQuestions
from attendance_service.store.lesson_outcomes import outcome_parameters, totals_page
from attendance_service.store.listing import matching_enrolments, patterns
from attendance_service.store.reports import TUTOR_ATTENDANCE_PAGE, student_parameters, tutor_parameters
from attendance_service.store.session_page import page_parameters
from attendance_service.store.sessions import count_of_sessions, page_of_sessions
from attendance_service.store.settlements import SUGGESTIONS
from attendance_service.store.settling_queue import (
    CLAIM_DUE,
    CLAIM_DUE_WITHOUT_DAY,
    CLAIM_RECHECKS,
    FIRST_DAY,
    NEWEST,
    WITHOUT_DAY,
    QueuePosition,
    due_parameters,
)
from attendance_service.store.students import page_of_students, student_list_parameters
from attendance_service.store.students_at_risk import risk_page, risk_parameters
from attendance_service.store.visibility import NAME_SOURCES
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, UserId
from tests.integration.attendance.query_plan import filled, plan

ADMIN = Caller(user_id=UserId(1), role=CallerRole.ADMIN)
TUTOR = Caller(user_id=UserId(7), role=CallerRole.TUTOR)
STUDENT = Caller(user_id=UserId(1101), role=CallerRole.STUDENT)
PARENT = Caller(user_id=UserId(2050), role=CallerRole.PARENT)
ADDIS = ZoneInfo("Africa/Addis_Ababa")
SEARCH = search_of("4711")
COURSE_NAMES = tuple(name for _, _, name in NAME_SOURCES)
#: Enough for a full scan to cost more than an index: 100 tutors with 10 classes of 2 students and 20 sessions each, and
#: 20,000 tutors without classes.
_ROWS = (
    "INSERT INTO users (id) SELECT generate_series(1, 20100)",
    "INSERT INTO tutor_profiles (id, user_id, username) SELECT n, n, 'tutor' || n FROM generate_series(1, 20100) AS n",
    "INSERT INTO student_profiles (id, user_id) SELECT n, 100 + n FROM generate_series(1, 2000) AS n",
    """INSERT INTO enrolled_courses (id, tutor_id, students_id)
       SELECT n, 1 + n % 100, ARRAY[2 * n - 1, 2 * n] FROM generate_series(1, 1000) AS n""",
    """INSERT INTO whiteboard_sessions (id, tutor_id, student_id)
       SELECT n, 1 + n % 1000 % 100, '{}' FROM generate_series(1, 20000) AS n""",
    """INSERT INTO sessions (enrolled_courses_id, whiteboard_id, session_date, start_time, status, attendance_source)
       SELECT 1 + n % 1000, n, '2026-01-01'::date + n / 1000, '10:00', 'completed', 'manual'
       FROM generate_series(1, 20000) AS n""",
    """INSERT INTO settled_sessions
           (session_id, judged_at, recheck_at, session_date, start_time, enrolled_courses_id, whiteboard_id, cancelled,
            tutor_id, whiteboard_tutor_id, outcome_tutor_id)
       SELECT id, now(), CASE WHEN id % 100 = 0 THEN now() END, session_date, start_time, enrolled_courses_id,
              whiteboard_id, FALSE, 1 + enrolled_courses_id % 100, 1 + enrolled_courses_id % 100,
              1 + enrolled_courses_id % 100
       FROM sessions WHERE id % 10 > 0""",
    """INSERT INTO settled_students (session_id, position, student_id)
       SELECT session_id, place, 2 * enrolled_courses_id - 2 + place
       FROM settled_sessions CROSS JOIN generate_series(1, 2) AS place""",
    """INSERT INTO attendance_decisions
           (session_id, decided_at, decided_by, decided_by_role, source, source_before, tutor_status_after,
            evidence, limits)
       SELECT n, timestamptz '2026-01-01' + n * interval '1 hour', 1, 'tutor', 'manual', 'system_default', 'present',
              jsonb_build_object('tutor_status_suggestion', 'present', 'tutor_confidence', 'high',
                                 'measurements', repeat('x', 500)), '{}'
       FROM generate_series(1, 20000) AS n""",
    "VACUUM ANALYZE",
)


@pytest.fixture(scope="module")
def store(database: str) -> Iterator[Database]:
    with filled(database, _ROWS) as opened:
        yield opened


@pytest.mark.parametrize("tutor", [None, TUTOR.user_id])
@pytest.mark.parametrize("after", [None, 50])
def test_a_page_about_tutors_reads_no_other_tutor_s_sessions(
    store: Database, tutor: UserId | None, after: int | None
) -> None:
    query = TutorQuery(dates=DateRange(first=date(2026, 1, 2)), page=PageRequest(after=after, size=10))
    found_by = plan(store, TUTOR_ATTENDANCE_PAGE, tutor_parameters(query, tutor, ADDIS))
    assert "Seq Scan on sessions" not in found_by
    assert "Seq Scan on enrolled_courses" not in found_by
    assert "Seq Scan on attendance_decisions" not in found_by


def test_the_names_on_a_page_are_found_without_reading_all_profiles(store: Database) -> None:
    found_by = plan(store, reports.TUTOR_NAMES, {"user_ids": arrays.integers(range(1, 52))})
    assert "Seq Scan on tutor_profiles" not in found_by


@pytest.mark.parametrize("tutor", [None, TUTOR.user_id])
def test_one_student_s_report_reads_no_other_student_s_sessions(store: Database, tutor: UserId | None) -> None:
    query = StudentQuery(student_id=StudentProfileId(1001), dates=DateRange(), page=PageRequest(size=50))
    found_by = plan(store, reports.student_sessions(COURSE_NAMES), student_parameters(query, tutor, ADDIS))
    assert "Seq Scan on sessions" not in found_by
    assert "Seq Scan on enrolled_courses" not in found_by
    assert "Seq Scan on attendance_decisions" not in found_by


def test_whether_a_tutor_teaches_a_student_is_found_by_indexes(store: Database) -> None:
    found_by = plan(store, reports.STUDENT, {"student_id": 1001, "caller": TUTOR.user_id})
    assert "Seq Scan on enrolled_courses" not in found_by


@pytest.mark.parametrize("after", [None, DecisionPosition(datetime(2026, 2, 1, tzinfo=UTC), 4711)])
def test_a_page_of_past_decisions_is_found_by_its_days(store: Database, after: DecisionPosition | None) -> None:
    query = EvaluationQuery(
        limits=DEFAULT_LIMITS, course_id=None, dates=DateRange(), page=PageRequest(after=after, size=50)
    )
    found_by = plan(store, PAST_DECISIONS, evaluation_parameters(query, ADDIS))
    assert "Index Scan Backward using attendance_decisions_suggested" in found_by
    assert "Seq Scan on sessions" not in found_by
    assert "SubPlan" not in found_by


@pytest.mark.parametrize("since", [None, "2026-02-01"])
def test_agreement_is_counted_without_reading_evidence(store: Database, since: str | None) -> None:
    parameters = {"since": since, "before": None, "zone": "Africa/Addis_Ababa"}
    assert "Index Only Scan using attendance_decisions_suggested" in plan(store, reports.AGREEMENT, parameters)


def test_a_search_for_names_reads_no_sessions(store: Database) -> None:
    statement = matching_enrolments(COURSE_NAMES, CallerRole.ADMIN)
    found_by = plan(store, statement, {"caller": ADMIN.user_id, "patterns": patterns(SEARCH)})
    assert "sessions" not in found_by


@pytest.mark.parametrize("enrolments", [(), range(1, 11)])
def test_an_admin_s_search_reads_only_matching_sessions(store: Database, enrolments: Collection[int]) -> None:
    parameters = page_parameters(SessionQuery(search=SEARCH, page=PageRequest(size=50)), enrolments, ADMIN, ADDIS)
    assert "Seq Scan on sessions" not in plan(store, page_of_sessions((), CallerRole.ADMIN, ""), parameters)


@pytest.mark.parametrize("attendance_filter", ["", "to_mark", "unmarked", BULK_ACCEPTABLE])
def test_a_tutor_s_sessions_are_found_by_their_courses_and_whiteboards(store: Database, attendance_filter: str) -> None:
    query = SessionQuery(attendance_filter=attendance_filter, page=PageRequest(size=50))
    statement = page_of_sessions((), CallerRole.TUTOR, attendance_filter)
    found_by = plan(store, statement, page_parameters(query, None, TUTOR, ADDIS))
    for table in ("sessions", "enrolled_courses", "whiteboard_sessions", "settled_sessions"):
        assert f"Seq Scan on {table}" not in found_by


def test_a_tutor_s_sessions_are_counted_without_reading_those_of_others(store: Database) -> None:
    query = SessionQuery(attendance_filter="to_mark", page=PageRequest(size=50))
    statement = count_of_sessions(CallerRole.TUTOR, "to_mark")
    found_by = plan(store, statement, page_parameters(query, None, TUTOR, ADDIS))
    for table in ("sessions", "enrolled_courses", "whiteboard_sessions", "settled_sessions"):
        assert f"Seq Scan on {table}" not in found_by


@pytest.mark.parametrize("role", [CallerRole.STUDENT, CallerRole.PARENT])
def test_a_student_s_sessions_are_found_by_their_courses_and_settlements(store: Database, role: CallerRole) -> None:
    query = SessionQuery(page=PageRequest(size=50))
    statement = page_of_sessions((), role, "")
    found_by = plan(store, statement, page_parameters(query, None, Caller(user_id=UserId(107), role=role), ADDIS))
    for table in ("sessions", "enrolled_courses", "settled_sessions", "settled_students"):
        assert f"Seq Scan on {table}" not in found_by


def test_a_tutor_s_search_reads_no_other_tutor_s_enrolments(store: Database) -> None:
    statement = matching_enrolments((), CallerRole.TUTOR)
    found_by = plan(store, statement, {"caller": TUTOR.user_id, "patterns": patterns(SEARCH)})
    assert "Seq Scan on enrolled_courses" not in found_by


def test_a_tutor_s_students_are_found_by_the_tutor_s_enrolments(store: Database) -> None:
    parameters = student_list_parameters(StudentListQuery(page=PageRequest(size=50)), TUTOR)
    assert "Seq Scan on enrolled_courses" not in plan(store, page_of_students(CallerRole.TUTOR), parameters)


@pytest.mark.parametrize("after", [NEWEST, QueuePosition(day=date(2026, 1, 10), session_id=4711)])
def test_sessions_to_settle_are_found_by_their_days(store: Database, after: QueuePosition) -> None:
    parameters = due_parameters(after, FIRST_DAY, ADDIS, timedelta(seconds=150), 100) | {"scan_size": 500}
    found_by = plan(store, CLAIM_DUE, parameters)
    assert "Seq Scan on sessions" not in found_by
    assert "Index Scan Backward using sessions_session_date_id_idx" in found_by


def test_sessions_to_settle_without_a_day_are_found_by_that(store: Database) -> None:
    parameters = due_parameters(WITHOUT_DAY, FIRST_DAY, ADDIS, timedelta(seconds=150), 100)
    assert "Seq Scan on sessions" not in plan(store, CLAIM_DUE_WITHOUT_DAY, parameters)


def test_sessions_to_judge_again_are_found_by_their_time(store: Database) -> None:
    found_by = plan(store, CLAIM_RECHECKS, {"claim_seconds": 60, "batch_size": 10})
    assert "Index Scan using settled_sessions_recheck" in found_by
    assert "Seq Scan" not in found_by


def test_the_suggestions_of_a_page_are_found_by_their_sessions(store: Database) -> None:
    found_by = plan(store, SUGGESTIONS, {"sessions": arrays.integers(range(1, 51))})
    assert "Seq Scan" not in found_by


@pytest.mark.parametrize(
    ("caller", "grouping"),
    [
        *((caller, grouping) for caller in (ADMIN, TUTOR) for grouping in OutcomeGrouping),
        (STUDENT, OutcomeGrouping.STUDENT),
        (PARENT, OutcomeGrouping.STUDENT),
    ],
    ids=str,
)
@pytest.mark.parametrize("after", [None, 50])
def test_a_page_of_lesson_outcomes_reads_the_lessons_of_its_rows(
    store: Database, caller: Caller, grouping: OutcomeGrouping, after: int | None
) -> None:
    if grouping is OutcomeGrouping.DAY and after is not None:
        after = date(2026, 1, 15).toordinal()
    query = OutcomeQuery(grouping=grouping, dates=DateRange(), page=PageRequest(after=after, size=10))
    found_by = plan(store, totals_page(grouping, caller.role), outcome_parameters(query, caller))
    for table in ("sessions", "settled_sessions", "settled_students"):
        assert f"Seq Scan on {table}" not in found_by


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        (ADMIN, {}),
        (ADMIN, {"tutor_id": 7}),
        (ADMIN, {"student_id": StudentProfileId(1001)}),
        (TUTOR, {}),
        (TUTOR, {"student_id": StudentProfileId(1001)}),
    ],
    ids=str,
)
@pytest.mark.parametrize("after", [None, date(2026, 1, 19)])
def test_a_page_of_weeks_reads_the_lessons_of_its_weeks_or_of_its_people(
    store: Database, caller: Caller, asked: dict[str, StudentProfileId], after: date | None
) -> None:
    page = PageRequest(after=None if after is None else after.toordinal(), size=1)
    query = TrendQuery(**({"tutor_id": None, "student_id": None} | asked), dates=DateRange(), page=page)
    found_by = plan(store, trend_page(query, caller.role), trend_parameters(query, caller, ADDIS))
    for table in ("sessions", "settled_sessions", "settled_students", "attendance_decisions", "enrolled_courses"):
        assert f"Seq Scan on {table}" not in found_by


@pytest.mark.parametrize("caller", [ADMIN, TUTOR], ids=str)
def test_students_at_risk_are_found_among_the_lessons_of_the_last_weeks(store: Database, caller: Caller) -> None:
    parameters = risk_parameters(date(2025, 12, 31), PageRequest(after=None, size=50), caller, ADDIS)
    found_by = plan(store, risk_page(caller.role), parameters)
    for table in ("sessions", "settled_sessions", "settled_students", "attendance_decisions"):
        assert f"Seq Scan on {table}" not in found_by


def test_lessons_are_counted_for_prometheus_by_their_day(store: Database) -> None:
    parameters = GaugeQuestions(ADDIS, timedelta(minutes=2)).parameters
    assert "Seq Scan on sessions" not in plan(store, COUNT_LESSONS, dict(parameters))
