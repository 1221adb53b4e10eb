"""How PostgreSQL finds what somebody searches for: through enrolments, however many sessions there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest

from attendance_service.domain.browsing import SessionQuery
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.search import search_of
from attendance_service.domain.students import StudentListQuery
from attendance_service.store.names import NAME_SOURCES
from attendance_service.store.search_statements import matching_enrolments, patterns
from attendance_service.store.session_statements import page_of_sessions
from attendance_service.store.sessions import page_parameters
from attendance_service.store.student_statements import page_of_students
from attendance_service.store.students import student_list_parameters
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tests.integration.attendance.plans import many_sessions, plan

ADMIN = Caller(user_id=UserId(1), role=CallerRole.ADMIN)
TUTOR = Caller(user_id=UserId(7), role=CallerRole.TUTOR)
SEARCH = search_of("4711")
COURSE_NAMES = tuple(name for _, _, name in NAME_SOURCES)


@pytest.fixture
def store(database: str) -> Iterator[Database]:
    with many_sessions(database) as opened:
        yield opened


def test_a_search_looks_for_names_without_reading_sessions(store: Database) -> None:
    statement = matching_enrolments(COURSE_NAMES, CallerRole.ADMIN)
    found = plan(store, statement, {"caller": ADMIN.user_id, "patterns": patterns(SEARCH)})
    assert "sessions" not in found


@pytest.mark.parametrize("enrolments", [(), range(1, 11)])
def test_an_admin_s_search_reads_the_sessions_that_fit_alone(store: Database, enrolments: Collection[int]) -> None:
    parameters = page_parameters(SessionQuery(search=SEARCH), enrolments, ADMIN, 51)
    assert "Seq Scan on sessions" not in plan(store, page_of_sessions((), CallerRole.ADMIN, ""), parameters)


def test_a_tutor_s_search_looks_at_no_other_tutor_s_enrolments(store: Database) -> None:
    statement = matching_enrolments((), CallerRole.TUTOR)
    found = plan(store, statement, {"caller": TUTOR.user_id, "patterns": patterns(SEARCH)})
    assert "Seq Scan on enrolled_courses" not in found


def test_a_tutor_s_students_are_found_by_the_tutor_s_enrolments(store: Database) -> None:
    parameters = student_list_parameters(StudentListQuery(size=51), TUTOR)
    assert "Seq Scan on enrolled_courses" not in plan(store, page_of_students(CallerRole.TUTOR), parameters)
