"""PostgreSQL finds the rows of reports by indexes, however many sessions there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from attendance_service.domain.evaluation import DecisionPosition, EvaluationQuery
from attendance_service.domain.listing import DateRange, PageRequest
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.reports import StudentQuery, TutorQuery
from attendance_service.store import reports
from attendance_service.store.evaluation import PAST_DECISIONS, evaluation_parameters
from attendance_service.store.reports import TUTOR_ATTENDANCE_PAGE, student_parameters, tutor_parameters
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import StudentProfileId, UserId
from tests.integration.attendance.plans import many_sessions, plan

_TUTOR = UserId(7)


@pytest.fixture(scope="module")
def store(database: str) -> Iterator[Database]:
    with many_sessions(database) as opened:
        yield opened


@pytest.mark.parametrize("tutor", [None, _TUTOR])
@pytest.mark.parametrize("after", [None, 50])
def test_a_page_about_tutors_reads_no_other_tutor_s_sessions(
    store: Database, tutor: UserId | None, after: int | None
) -> None:
    query = TutorQuery(dates=DateRange(first=date(2026, 1, 2)), page=PageRequest(after=after, size=10))
    found_by = plan(store, TUTOR_ATTENDANCE_PAGE, tutor_parameters(query, tutor))
    assert "Seq Scan on sessions" not in found_by
    assert "Seq Scan on enrolled_courses" not in found_by
    assert "Seq Scan on attendance_decisions" not in found_by


def test_the_names_on_a_page_are_found_without_reading_every_profile(store: Database) -> None:
    found_by = plan(store, reports.TUTOR_NAMES, {"user_ids": arrays.integers(range(1, 52))})
    assert "Seq Scan on tutor_profiles" not in found_by


@pytest.mark.parametrize("tutor", [None, _TUTOR])
def test_one_student_s_report_reads_no_other_student_s_sessions(store: Database, tutor: UserId | None) -> None:
    query = StudentQuery(student_id=StudentProfileId(1001), dates=DateRange(), page=PageRequest(size=50))
    found_by = plan(store, reports.STUDENT_SESSIONS, student_parameters(query, tutor))
    assert "Seq Scan on sessions" not in found_by
    assert "Seq Scan on enrolled_courses" not in found_by
    assert "Seq Scan on attendance_decisions" not in found_by


def test_whether_a_tutor_teaches_a_student_is_found_by_indexes(store: Database) -> None:
    found_by = plan(store, reports.STUDENT, {"student_id": 1001, "caller": _TUTOR})
    assert "Seq Scan on enrolled_courses" not in found_by


@pytest.mark.parametrize("after", [None, DecisionPosition(datetime(2026, 2, 1, tzinfo=UTC), 4711)])
def test_a_page_of_past_decisions_is_found_by_its_days(store: Database, after: DecisionPosition | None) -> None:
    query = EvaluationQuery(
        limits=DEFAULT_LIMITS, course_id=None, dates=DateRange(), page=PageRequest(after=after, size=50)
    )
    found_by = plan(store, PAST_DECISIONS, evaluation_parameters(query, ZoneInfo("Africa/Addis_Ababa")))
    assert "Index Scan Backward using attendance_decisions_suggested" in found_by
    assert "Seq Scan on sessions" not in found_by
    assert "SubPlan" not in found_by


@pytest.mark.parametrize("since", [None, "2026-02-01"])
def test_agreement_is_counted_without_reading_evidence(store: Database, since: str | None) -> None:
    parameters = {"since": since, "before": None, "zone": "Africa/Addis_Ababa"}
    assert "Index Only Scan using attendance_decisions_suggested" in plan(store, reports.AGREEMENT, parameters)
