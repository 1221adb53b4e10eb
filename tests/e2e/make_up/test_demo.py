from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from development.demo.people import PEOPLE
from development.demo.stories import STORIES
from development.openapi.examples import examples
from testkit.make_up import MakeUp, command, started
from testkit.openapi import OPERATIONS, Operation, faults
from testkit.source_tree import ROOT

#: The time around which the demo's lessons were placed: the one in progress had begun half an hour before.
BEGAN = "SELECT to_json(scheduled_start + interval '30 min') FROM whiteboard_sessions WHERE status = 'in-progress'"
#: tcpmux: no program listens there without root.
UNUSED_PORT = "1"
PRESENT_AND_CERTAIN = ("present", "high")


@pytest.fixture(scope="module")
def tutor(make_up: MakeUp) -> Iterator[httpx.Client]:
    """The gateway as the first demo tutor sees it, with the token that was printed."""
    printed = re.search(r"tutor Abebe Kebede\n\s+(\S+)", make_up.output)
    assert printed is not None
    with httpx.Client(base_url=make_up.url, headers={"authorization": f"Bearer {printed[1]}"}) as client:
        yield client


@pytest.fixture(scope="module")
def admin(make_up: MakeUp) -> Iterator[httpx.Client]:
    """The gateway as an admin sees it, with a token from `make token`."""
    token = command("development.ctl", make_up.environment, "token", "--user", "901", "--role", "admin").communicate()[
        0
    ]
    with httpx.Client(base_url=make_up.url, headers={"authorization": f"Bearer {token.strip()}"}) as client:
        yield client


@pytest.fixture(scope="module")
def parent(make_up: MakeUp) -> Iterator[httpx.Client]:
    """The gateway as a parent sees it."""
    token = command("development.ctl", make_up.environment, "token", "--user", "301", "--role", "parent").communicate()[
        0
    ]
    with httpx.Client(base_url=make_up.url, headers={"authorization": f"Bearer {token.strip()}"}) as client:
        yield client


def test_three_tokens_are_printed(make_up: MakeUp) -> None:
    assert len(re.findall(r"^    eyJ\S+$", make_up.output, re.MULTILINE)) == 3


def test_the_page_is_served(make_up: MakeUp) -> None:
    page = httpx.get(make_up.url)
    assert page.headers["content-type"].startswith("text/html")


def test_the_page_may_choose_among_the_demo_s_people(make_up: MakeUp) -> None:
    people = httpx.get(f"{make_up.url}/demo-people.json").json()
    assert [(person["name"], person["role"]) for person in people] == [(person.name, person.role) for person in PEOPLE]


def test_a_second_one_in_the_same_place_says_so(make_up: MakeUp) -> None:
    with started(make_up.environment) as second:
        status = second.wait()
    assert status == 1
    assert f"`make up` runs here already (process {make_up.process.pid})" in second.output


def test_every_story_is_a_session(admin: httpx.Client) -> None:
    sessions = admin.get("/api/tutor/sessions").json()["sessions"]
    assert {session["id"]: session["status"] for session in sessions} == {
        number: story.status for number, story in enumerate(STORIES, start=1)
    }


def test_every_student_is_offered_under_the_name_that_the_demo_gave(admin: httpx.Client) -> None:
    students = admin.get("/api/students").json()["students"]
    assert {student["user_id"]: student["name"] for student in students} == {
        person.user_id: person.name for person in PEOPLE if person.role == "student"
    }


def test_the_guide_s_third_test_gives_the_guide_s_answer(tutor: httpx.Client) -> None:
    suggestion = tutor.get("/api/tutor/sessions/1/attendance-suggestion").json()
    assert suggestion["has_whiteboard"] is True
    assert (suggestion["tutor_status_suggestion"], suggestion["tutor_confidence"]) == PRESENT_AND_CERTAIN
    expected = {"lateness_minutes": 0, "engagement_percentage": 85.5, "active_minutes": 51.3}
    assert expected.items() <= suggestion["tutor_metrics"].items()


@pytest.mark.parametrize(
    ("story", "student"),
    [
        ("ten minutes late", ("late", "high", 50)),
        ("back at minute 30", ("present", "high", 56.5)),
        ("lid at minute 55", ("present", "high", 55)),
        ("two tabs", ("present", "high", 60)),
        ("never comes", ("absent", "high", 0)),
        ("tutor is twelve minutes late", ("present", "high", 60)),
        ("short lesson", ("present", "medium", 9)),
        ("group class", ("present", "medium", 90)),
        ("Without a whiteboard", ("present", "low", 0)),
    ],
)
def test_a_story_is_understood(admin: httpx.Client, story: str, student: tuple[str, str, float]) -> None:
    suggestion = _suggestion(admin, story)
    assert (
        suggestion["student_status_suggestion"],
        suggestion["student_confidence"],
        suggestion["student_metrics"]["active_minutes"],
    ) == student


def test_in_the_group_class_each_student_has_a_suggestion_of_their_own(admin: httpx.Client) -> None:
    students = _suggestion(admin, "group class")["students"]
    assert {student["name"]: student["status_suggestion"] for student in students} == {
        "Meron Haile": "present",
        "Liya Tadesse": "late",
        "Samuel Desta": "absent",
    }


def test_the_lesson_that_goes_on_is_provisional(tutor: httpx.Client) -> None:
    assert _suggestion(tutor, "In progress")["provisional"] is True


@pytest.mark.parametrize(
    ("story", "source"),
    [
        ("accepted the suggestion", "whiteboard_auto"),
        ("decided otherwise", "manual"),
        ("child was ill", "parent_reported"),
        ("admin settled", "admin_override"),
    ],
)
def test_decisions_were_taken_by_those_who_may(admin: httpx.Client, story: str, source: str) -> None:
    history = admin.get(f"/api/tutor/sessions/{_number(story)}/attendance-history").json()
    assert [decision["source"] for decision in history["decisions"]] == [source]


def test_a_class_is_marked_student_by_student_and_unmarked_again(admin: httpx.Client) -> None:
    path = f"/api/tutor/sessions/{_number('group class')}"
    by_name = {it["name"]: it["student_id"] for it in admin.get(path).json()["students"]}
    meron, liya, samuel = (by_name[name] for name in ("Meron Haile", "Liya Tadesse", "Samuel Desta"))
    body = {
        "tutor_attendance_status": "present",
        "students": [
            {"student_id": meron, "status": "present"},
            {"student_id": liya, "use_suggestion": True},
            {"student_id": samuel, "status": "absent", "note": "Wrote", "excused": True, "excuse_reason": "Fever"},
        ],
    }
    answer = admin.put(f"{path}/attendance", json=body).raise_for_status().json()
    assert (answer["student_attendance_status"], answer["attendance_source"]) == ("present", "admin_override")
    stored = {it["student_id"]: it for it in admin.get(path).json()["students"]}
    assert {number: (it["attendance_status"], it["attendance_source"]) for number, it in stored.items()} == {
        meron: ("present", "admin_override"),
        liya: ("late", "whiteboard_auto"),
        samuel: ("absent", "admin_override"),
    }
    assert (stored[samuel]["excused"], stored[samuel]["excuse_reason"], stored[samuel]["note"]) == (
        True,
        "Fever",
        "Wrote",
    )
    refused = admin.put(f"{path}/attendance", json={"students": [{"student_id": 999, "status": "late"}]})
    assert (refused.status_code, refused.json()["details"][0]["reason"]) == (400, "NOT_ON_ROSTER")
    withdrawn = admin.post(f"{path}/attendance:withdraw", json={}).raise_for_status().json()["session"]
    assert (withdrawn["attendance_source"], withdrawn["undecided_students"]) == ("system_default", 3)


def test_in_a_class_each_student_is_decided_on(admin: httpx.Client) -> None:
    session = admin.get(f"/api/tutor/sessions/{_number('student by student')}").json()
    assert {student["name"]: (student["attendance_status"], student["excused"]) for student in session["students"]} == {
        "Meron Haile": ("present", False),
        "Liya Tadesse": ("late", False),
        "Samuel Desta": ("absent", True),
    }


@pytest.mark.parametrize(("story", "guest"), [("student by student", "Sara Alemu"), ("substitute", "Hanna Tesfaye")])
def test_guests_and_substitutes_are_known(admin: httpx.Client, story: str, guest: str) -> None:
    assert [one["name"] for one in _suggestion(admin, story)["guests"]] == [guest]


def test_an_absence_is_announced(admin: httpx.Client) -> None:
    session = admin.get(f"/api/tutor/sessions/{_number('Tomorrow')}").json()
    assert [student["absence_announced"] for student in session["students"]] == ["A visit to the doctor"]


def test_an_interrupted_attempt_is_completed_without_doing_anything_twice(make_up: MakeUp) -> None:
    counts = "SELECT (SELECT count(*) FROM attendance_decisions), (SELECT count(*) FROM presence_intervals)"
    before = _psql(make_up, counts)
    began = _psql(make_up, BEGAN)
    unfinished = make_up.state_directory / "demo-unfinished"
    unfinished.write_text(json.loads(began))
    addresses = {
        "TRACKING_ADDRESS": f"127.0.0.1:{make_up.environment['TRACKING_PORT']}",
        "ATTENDANCE_ADDRESS": f"127.0.0.1:{make_up.environment['ATTENDANCE_PORT']}",
        "DATABASE_URL": (make_up.state_directory / "database-url").read_text(),
    }
    again = command("development.demo", {**make_up.environment, **addresses})
    printed, _ = again.communicate()
    assert (again.returncode, unfinished.exists()) == (0, False), printed
    assert _psql(make_up, counts) == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_example_of_the_api_s_documentation_runs(
    tutor: httpx.Client, parent: httpx.Client, admin: httpx.Client, operation: Operation
) -> None:
    client = {"tutor": tutor, "parent": parent, "admin": admin}[examples()[operation.name].role]
    answer = _first_answer(client, operation)
    assert faults(operation.answer["schema"], answer) == []


def test_psql_opens_the_database_with_the_platform_s_own_names(make_up: MakeUp) -> None:
    described = re.search(r"psql -h (\S+) -U astegni_user -d astegni_user_db", make_up.output)
    assert described is not None
    assert _psql(make_up, "SELECT current_user, current_database()") == "astegni_user|astegni_user_db"


@pytest.mark.parametrize("service", ["tracking_service", "attendance_service"])
def test_services_log_in_as_their_own_roles_and_not_as_the_owner(make_up: MakeUp, service: str) -> None:
    logins = f"SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = '{service}'"  # noqa: S608
    assert _psql(make_up, logins) == service


def test_the_ledger_of_the_demo_verifies(make_up: MakeUp) -> None:
    verified = command("development.ctl", make_up.environment, "verify")
    printed, _ = verified.communicate()
    assert (verified.returncode, printed.splitlines()[-1]) == (0, "The ledger is as it was written.")


@pytest.mark.parametrize(
    ("container", "variable"),
    [("tracking", "TRACKING_PORT"), ("attendance", "ATTENDANCE_PORT"), ("gateway", "GATEWAY_PORT")],
)
@pytest.mark.parametrize("runs", [True, False])
def test_a_container_s_health_check_reports_the_health(
    make_up: MakeUp, container: str, variable: str, *, runs: bool
) -> None:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][container]
    port = make_up.environment[variable] if runs else UNUSED_PORT
    _, *check = [word.replace("$$", "$") for word in service["healthcheck"]["test"]]
    there = [re.sub(r"^((127\.0\.0\.1:)?)\d+$", rf"\g<1>{port}", word) for word in check]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(there, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, check=False)
    assert (done.returncode == 0) is runs


def _number(story: str) -> int:
    return next(number for number, candidate in enumerate(STORIES, start=1) if story in candidate.what)


def _suggestion(client: httpx.Client, story: str) -> dict[str, Any]:
    answer = client.get(f"/api/tutor/sessions/{_number(story)}/attendance-suggestion")
    suggestion: dict[str, Any] = answer.raise_for_status().json()
    return suggestion


def _first_answer(client: httpx.Client, operation: Operation) -> object:
    """Send the example as a reader does, and return what is answered; of a stream the first of it."""
    path = operation.path.format(**operation.examples("path"))
    body = operation.body and operation.body["example"]
    with client.stream(operation.verb, path, params=operation.examples("query"), json=body) as answer:
        assert answer.status_code == httpx.codes.OK, answer.read()
        assert answer.headers["content-type"].partition(";")[0] == operation.media_type
        if operation.media_type == "application/json":
            return json.loads(answer.read())
        return next(answer.iter_text())


def _psql(make_up: MakeUp, statement: str) -> str:
    psql = command("development.psql", make_up.environment, "-X", "-A", "-t", "-c", statement)
    printed, _ = psql.communicate()
    if psql.returncode != 0:
        raise subprocess.SubprocessError(printed)
    return printed.strip()
