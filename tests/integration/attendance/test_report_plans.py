"""How PostgreSQL finds what the reports read: by indexes, however many sessions there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.evaluation import DecisionPosition, EvaluationQuery
from attendance_service.domain.limits import DEFAULT_LIMITS
from attendance_service.domain.period import Period
from attendance_service.domain.reports import StudentQuery, TutorQuery
from attendance_service.store import report_statements
from attendance_service.store.evaluation import PAST_DECISIONS, evaluation_parameters
from attendance_service.store.reports import student_parameters, tutor_parameters
from attendance_service.store.tutor_attendance_statements import TUTOR_ATTENDANCE_PAGE
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, UserId
from tests.integration.attendance.plans import many_sessions, plan

_TUTOR = UserId(7)


@pytest.fixture
def store(database: str) -> Iterator[Database]:
    with many_sessions(database) as opened:
        yield opened


@pytest.mark.parametrize("tutor", [None, _TUTOR])
@pytest.mark.parametrize("after", [None, 50])
def test_a_page_on_tutors_reads_no_other_tutor_s_sessions(
    store: Database, tutor: UserId | None, after: int | None
) -> None:
    query = TutorQuery(period=Period(first=date(2026, 1, 2)), after=after, size=11)
    found = plan(store, TUTOR_ATTENDANCE_PAGE, tutor_parameters(query, tutor))
    assert "Seq Scan on sessions" not in found
    assert "Seq Scan on enrolled_courses" not in found
    assert "Seq Scan on attendance_decisions" not in found


def test_the_names_on_a_page_are_found_without_reading_every_profile(store: Database) -> None:
    found = plan(store, report_statements.TUTOR_NAMES, {"user_ids": arrays.integers(range(1, 52))})
    assert "Seq Scan on tutor_profiles" not in found


@pytest.mark.parametrize("tutor", [None, _TUTOR])
def test_one_student_s_report_reads_no_other_student_s_sessions(store: Database, tutor: UserId | None) -> None:
    query = StudentQuery(student_id=StudentProfileId(1001), period=Period(), size=51)
    found = plan(store, report_statements.STUDENT_SESSIONS, student_parameters(query, tutor))
    assert "Seq Scan on sessions" not in found
    assert "Seq Scan on enrolled_courses" not in found
    assert "Seq Scan on attendance_decisions" not in found


def test_whose_student_somebody_is_is_found_by_indexes(store: Database) -> None:
    found = plan(store, report_statements.STUDENT, {"student_id": 1001, "caller": _TUTOR})
    assert "Seq Scan on enrolled_courses" not in found


@pytest.mark.parametrize("after", [None, DecisionPosition(datetime(2026, 2, 1, tzinfo=UTC), 4711)])
def test_a_page_of_past_decisions_is_found_by_their_days(store: Database, after: DecisionPosition | None) -> None:
    query = EvaluationQuery(limits=DEFAULT_LIMITS, course_id=None, period=Period(), after=after, size=50)
    found = plan(store, PAST_DECISIONS, evaluation_parameters(query, ZoneInfo("Africa/Addis_Ababa"), 51))
    assert "Index Scan Backward using attendance_decisions_suggested" in found
    assert "Seq Scan on sessions" not in found
    assert "SubPlan" not in found


@pytest.mark.parametrize("since", [None, "2026-02-01"])
def test_agreement_is_counted_without_reading_evidence(store: Database, since: str | None) -> None:
    parameters = {"since": since, "before": None, "zone": "Africa/Addis_Ababa"}
    assert "Index Only Scan using attendance_decisions_suggested" in plan(
        store, report_statements.AGREEMENT, parameters
    )
