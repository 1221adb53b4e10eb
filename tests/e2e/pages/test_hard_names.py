"""Names that are hard to show are found and stored as they are."""

from __future__ import annotations

import pytest

from development.demo.people import Person, person
from tests.e2e.pages.hard_names import PEOPLE
from tests.e2e.pages.site import Site

ADMIN = person(901)


@pytest.mark.parametrize("bearer", PEOPLE, ids=lambda bearer: f"{bearer.user_id}")
def test_sessions_are_found_by_a_name_that_is_hard_to_show(site: Site, bearer: Person) -> None:
    sessions = site.get(ADMIN, "/api/tutor/sessions", search=bearer.name)["sessions"]
    assert {session["student_name"] for session in sessions} == {bearer.name}


@pytest.mark.parametrize("bearer", PEOPLE, ids=lambda bearer: f"{bearer.user_id}")
def test_a_student_is_listed_under_a_name_that_is_hard_to_show(site: Site, bearer: Person) -> None:
    students = site.get(ADMIN, "/api/students")["students"]
    assert bearer.name in {student["name"] for student in students if student["user_id"] == bearer.user_id}
