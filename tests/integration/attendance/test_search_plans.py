"""PostgreSQL searches enrolments, and finds their sessions by an index, however many sessions there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.listing import PageRequest, SessionQuery, StudentListQuery, search_of
from attendance_service.store.listing import matching_enrolments, patterns
from attendance_service.store.sessions import page_of_sessions, page_parameters
from attendance_service.store.students import page_of_students, student_list_parameters
from attendance_service.store.visibility import NAME_SOURCES
from servicekit.database.engine import Database
from servicekit.identifiers import UserId
from tests.integration.attendance.plans import many_sessions, plan

ADMIN = Caller(user_id=UserId(1), role=CallerRole.ADMIN)
TUTOR = Caller(user_id=UserId(7), role=CallerRole.TUTOR)
SEARCH = search_of("4711")
COURSE_NAMES = tuple(name for _, _, name in NAME_SOURCES)


@pytest.fixture(scope="module")
def store(database: str) -> Iterator[Database]:
    with many_sessions(database) as opened:
        yield opened


def test_a_search_for_names_reads_no_sessions(store: Database) -> None:
    statement = matching_enrolments(COURSE_NAMES, CallerRole.ADMIN)
    found_by = plan(store, statement, {"caller": ADMIN.user_id, "patterns": patterns(SEARCH)})
    assert "sessions" not in found_by


@pytest.mark.parametrize("enrolments", [(), range(1, 11)])
def test_an_admin_s_search_reads_only_matching_sessions(store: Database, enrolments: Collection[int]) -> None:
    parameters = page_parameters(SessionQuery(search=SEARCH, page=PageRequest(size=50)), enrolments, ADMIN)
    assert "Seq Scan on sessions" not in plan(store, page_of_sessions((), CallerRole.ADMIN, ""), parameters)


def test_a_tutor_s_search_reads_no_other_tutor_s_enrolments(store: Database) -> None:
    statement = matching_enrolments((), CallerRole.TUTOR)
    found_by = plan(store, statement, {"caller": TUTOR.user_id, "patterns": patterns(SEARCH)})
    assert "Seq Scan on enrolled_courses" not in found_by


def test_a_tutor_s_students_are_found_by_the_tutor_s_enrolments(store: Database) -> None:
    parameters = student_list_parameters(StudentListQuery(page=PageRequest(size=50)), TUTOR)
    assert "Seq Scan on enrolled_courses" not in plan(store, page_of_students(CallerRole.TUTOR), parameters)
