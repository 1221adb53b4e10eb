"""Claims and notices as people use them, with plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from development.demo.people import person
from development.demo.stories import STORIES
from testkit.make_up import MakeUp, command

GROUP_CLASS = next(number for number, story in enumerate(STORIES, start=1) if "A group class" in story.what)
NOT_BEGUN = next(number for number, story in enumerate(STORIES, start=1) if "Not begun" in story.what)
#: users.id: the tutor of the class, a student of it, the parent of another one, and the tutor of the coming lesson.
HANNA, SAMUEL, HAILE, ABEBE = 102, 206, 302, 101


@pytest.fixture(scope="module")
def people(make_up: MakeUp) -> Iterator[dict[int, httpx.Client]]:
    """The gateway as some people of the demo see it."""
    with ExitStack() as stack:
        yield {user: stack.enter_context(_client(make_up, user)) for user in (HANNA, SAMUEL, HAILE, ABEBE)}


def _client(make_up: MakeUp, user: int) -> httpx.Client:
    arguments = ("--user", str(user), "--role", person(user).role)
    token = command("development.ctl", make_up.environment, "token", *arguments).communicate()[0].strip()
    return httpx.Client(base_url=make_up.url, headers={"authorization": f"Bearer {token}"})


def test_a_student_of_a_class_objects_and_the_tutor_agrees(people: dict[int, httpx.Client]) -> None:
    student, tutor, classmates_parent = people[SAMUEL], people[HANNA], people[HAILE]
    session = f"/api/tutor/sessions/{GROUP_CLASS}"
    marked = tutor.put(f"{session}/attendance", json={"session_id": GROUP_CLASS, "student_attendance_status": "absent"})
    assert {it["attendance_status"] for it in marked.json()["students"]} == {"absent"}

    raised = student.post(f"{session}/claims", json={"claimed_status": "late", "note": "I was on my phone"}).json()
    assert (raised["state"], raised["recorded_status"], raised["student_name"]) == ("open", "absent", "Samuel Desta")
    again = student.post(f"{session}/claims", json={"claimed_status": "present", "note": "Really"})
    assert (again.status_code, again.json()["details"][0]["reason"]) == (400, "CLAIM_OPEN")
    assert student.get(session).json()["open_claims"] == 1
    assert classmates_parent.get(session).json()["open_claims"] == 0
    assert classmates_parent.get("/api/claims").json() == {"claims": [], "next_page_token": ""}

    [waiting] = [item for item in tutor.get("/api/inbox").json()["items"] if item["session"]["id"] == GROUP_CLASS]
    assert (waiting["kind"], waiting["claim"]) == ("claim", raised)
    answer = {"answer": "accepted", "note": "Right, I heard you"}
    answered = tutor.post(f"/api/claims/{raised['claim_id']}:answer", json=answer).json()
    assert (answered["claim"]["state"], answered["claim"]["answered_by_name"]) == ("accepted", "Hanna Tesfaye")
    statuses = {it["name"]: it["attendance_status"] for it in answered["session"]["students"]}
    assert statuses == {"Meron Haile": "absent", "Liya Tadesse": "absent", "Samuel Desta": "late"}
    too_late = tutor.post(f"/api/claims/{raised['claim_id']}:answer", json=answer)
    assert (too_late.status_code, too_late.json()["details"][0]["reason"]) == (409, "CLAIM_ANSWERED")

    [newest, _] = student.get(f"{session}/attendance-history").json()["decisions"]
    assert (newest["claim_id"], newest["decided_by_role"], newest["source"]) == (raised["claim_id"], "tutor", "manual")
    of_classmate = classmates_parent.get(f"{session}/attendance-history").json()["decisions"]
    assert [decision.get("claim_id") for decision in of_classmate] == [None]


def test_a_tutor_announces_an_absence_and_takes_the_notice_back(people: dict[int, httpx.Client]) -> None:
    tutor = people[ABEBE]
    session = f"/api/tutor/sessions/{NOT_BEGUN}"
    notice = {"about_tutor": True, "reason": "Exam board <b>today</b>"}
    assert tutor.post(f"{session}/absence-notices", json=notice).json()["name"] == "Abebe Kebede"
    assert tutor.get(session).json()["tutor_absence_announced"] == notice["reason"]
    suggestion = tutor.get(f"{session}/attendance-suggestion").json()
    assert suggestion["tutor_reasons"] == ["not_begun", "absence_announced"]
    tutor.post(f"{session}/absence-notices", json={"about_tutor": True, "withdrawn": True}).raise_for_status()
    assert "tutor_absence_announced" not in tutor.get(session).json()
