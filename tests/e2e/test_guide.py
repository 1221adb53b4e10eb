"""The customer's guide, step by step: its curl and psql commands, its page's calls, its three reports."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from development.postgres import EmbeddedPostgres
from servicekit.database.engine import Database
from testkit import guide_reports
from testkit.make_up import MakeUp, environment_for, running, state_directory
from testkit.source_tree import ROOT
from tracking_service.folding.waiting import wait_until_folded

TUTOR, STUDENT, ADMIN = 101, 201, 901
#: Session 1 and its whiteboard session belong to tutor 101 and, in the demo, to student 201.
SESSION = 1
#: Why a preview leaves a session of the demo alone; which reasons occur depends on the time of day.
#: How much of the demo's presence lies outside the lessons.
MAX_MINUTES_OUTSIDE, MAX_PERCENT_OUTSIDE = 3, 5
REASONS_NOT_TO_APPLY = {
    "NOTHING_TO_ACCEPT",
    "SESSION_NOT_BEGUN",
    "SUGGESTION_NOT_SURE",
    "SUGGESTION_PROVISIONAL",
    "CLAIM_WAITS",
}

Curl = Callable[..., tuple[int, Any]]
Psql = Callable[[str], list[list[str]]]


@pytest.fixture(scope="module")
def make_up() -> Iterator[MakeUp]:
    with state_directory() as directory, running(environment_for(directory)) as make_up:
        yield make_up


@pytest.fixture(scope="module")
def token(make_up: MakeUp) -> Callable[[int, str], str]:
    """`make token`, as a newcomer types it."""

    def print_token(user: int, role: str) -> str:
        command = ["make", "--silent", "token", f"ARGS=--user {user} --role {role}"]
        return subprocess.run(
            command, cwd=ROOT, env=make_up.environment, check=True, capture_output=True, text=True
        ).stdout.removesuffix("\n")

    return print_token


@pytest.fixture(scope="module")
def curl(make_up: MakeUp) -> Curl:
    """`curl`, giving the HTTP status and the JSON that came with it."""

    def call(method: str, path: str, *, token: str | None = None, body: object = None) -> tuple[int, Any]:
        command = ["curl", "--silent", "-X", method, f"{make_up.url}{path}", "-w", "\n%{http_code}"]
        if token is not None:
            command += ["-H", f"Authorization: Bearer {token}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        text, _, status = printed.rpartition("\n")
        return int(status), json.loads(text)

    return call


@pytest.fixture(scope="module")
def psql(make_up: MakeUp) -> Iterator[Psql]:
    """`psql -U astegni_user -d astegni_user_db -c ...`, giving rows once facts are made of everything."""
    printed = re.search(r"psql -h (\S+) -U astegni_user -d astegni_user_db", make_up.output)
    assert printed is not None, "make up does not say how to open the database"
    binary = EmbeddedPostgres(make_up.state_directory / "postgres").program("psql")
    command = [binary, "-X", "-A", "-t", "-F", "\t", "-h", printed[1], "-U", "astegni_user", "-d", "astegni_user_db"]

    url = f"postgresql://astegni_user@/astegni_user_db?host={printed[1]}"
    database = Database(url, role="", application="test", pool_size=1)

    def run(statement: str) -> list[list[str]]:
        with database.transaction() as connection:
            wait_until_folded(connection)
        done = subprocess.run([*command, "-c", statement], check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    yield run
    database.dispose()


@pytest.fixture(scope="module")
def tutor(token: Callable[[int, str], str]) -> str:
    return token(TUTOR, "tutor")


@pytest.fixture(scope="module")
def student(token: Callable[[int, str], str]) -> str:
    return token(STUDENT, "student")


def whiteboard_call(event: str, body: dict[str, object], session: int = SESSION) -> tuple[str, str, dict[str, object]]:
    return "POST", f"/api/whiteboard/sessions/{session}/{event}", {"session_id": session, **body}


def test_make_token_prints_a_token_and_nothing_else(tutor: str) -> None:
    assert len(tutor.split(".")) == 3
    assert tutor.split() == [tutor]


class TestStep3AndTest1:
    """Connecting, beating, disconnecting, as the guide's client does it."""

    def test_a_connect_is_answered_and_recorded(self, curl: Curl, psql: Psql, tutor: str) -> None:
        method, path, body = whiteboard_call("connect", {"user_type": "tutor"})
        status, answer = curl(method, path, token=tutor, body=body)
        assert (status, answer["success"], answer["user_id"], answer["user_type"]) == (200, True, TUTOR, "tutor")
        [[connected_at, seconds, logs]] = psql(
            "SELECT tutor_connected_at, tutor_total_active_seconds, connection_logs "  # noqa: S608
            f"FROM whiteboard_sessions WHERE id = {SESSION}"
        )
        assert connected_at
        assert int(seconds) > 0
        assert {"user_id": TUTOR, "user_type": "tutor", "event": "connect"}.items() <= json.loads(logs)[-1].items()

    def test_a_drawing_moves_the_last_activity_and_shows_in_the_log(self, curl: Curl, psql: Psql, tutor: str) -> None:
        method, path, body = whiteboard_call("heartbeat", {"user_type": "tutor", "activity_type": "draw"})
        status, answer = curl(method, path, token=tutor, body=body)
        assert (status, answer["activity_type"]) == (200, "draw")
        [[logs]] = psql(
            f"SELECT connection_logs::jsonb FROM whiteboard_sessions WHERE id = {SESSION} "  # noqa: S608
            "AND tutor_last_activity_at > now() - interval '1 minute'"
        )
        assert "draw" in [entry.get("activity_type") for entry in json.loads(logs)]

    def test_the_status_shows_who_is_connected(self, curl: Curl, tutor: str) -> None:
        status, answer = curl("GET", f"/api/whiteboard/sessions/{SESSION}/connection-status", token=tutor)
        assert (status, answer["tutor_connected"], answer["student_connected"]) == (200, True, False)

    def test_a_disconnect_returns_the_total(self, curl: Curl, psql: Psql, tutor: str) -> None:
        method, path, body = whiteboard_call("disconnect", {"user_type": "tutor"})
        status, answer = curl(method, path, token=tutor, body=body)
        assert status == 200
        stored = psql(f"SELECT tutor_total_active_seconds FROM whiteboard_sessions WHERE id = {SESSION}")  # noqa: S608
        assert stored == [[str(answer["total_active_seconds"])]]


class TestTest3:
    """The suggestion."""

    def test_the_suggestion_has_the_documented_shape(self, curl: Curl, tutor: str) -> None:
        status, answer = curl("GET", f"/api/tutor/sessions/{SESSION}/attendance-suggestion", token=tutor)
        assert status == 200
        assert answer["has_whiteboard"] is True
        assert (answer["tutor_status_suggestion"], answer["tutor_confidence"]) == ("present", "high")
        assert answer["tutor_metrics"]["lateness_minutes"] == 0
        assert isinstance(answer["tutor_metrics"]["engagement_percentage"], float)
        assert isinstance(answer["overall_recommendation"], str)


class TestTest4:
    """Marking by hand, as documented."""

    BODY = {  # noqa: RUF012 - the guide's own
        "tutor_attendance_status": "present",
        "student_attendance_status": "late",
        "attendance_notes": "Student joined 10 minutes late",
    }

    def test_the_decision_is_stored(self, curl: Curl, psql: Psql, tutor: str) -> None:
        status, answer = curl("PUT", f"/api/tutor/sessions/{SESSION}/attendance", token=tutor, body=self.BODY)
        assert (status, answer["student_attendance_status"], answer["attendance_source"]) == (200, "late", "manual")
        stored = psql(
            "SELECT tutor_attendance_status, student_attendance_status, attendance_source, attendance_notes, "  # noqa: S608
            f"attendance_marked_by FROM sessions WHERE id = {SESSION}"
        )
        assert stored == [["present", "late", "manual", "Student joined 10 minutes late", str(TUTOR)]]

    def test_the_guide_s_form_sends_null_for_no_notes(self, curl: Curl, tutor: str) -> None:
        body = {**self.BODY, "attendance_notes": None}
        assert curl("PUT", f"/api/tutor/sessions/{SESSION}/attendance", token=tutor, body=body)[0] == 200

    def test_a_suggestion_is_accepted(self, curl: Curl, tutor: str) -> None:
        path = f"/api/tutor/sessions/{SESSION}/attendance"
        status, answer = curl("PUT", path, token=tutor, body={"use_suggestion": True})
        assert (status, answer["attendance_source"]) == (200, "whiteboard_auto")


class TestReports:
    """The guide's three queries, to the letter, beside the reports over REST (docs/reports.md)."""

    @pytest.fixture
    def admin(self, token: Callable[[int, str], str]) -> str:
        return token(ADMIN, "admin")

    def test_the_tutor_attendance_rate(self, psql: Psql, curl: Curl, admin: str) -> None:
        rows = psql(guide_reports.TUTOR_ATTENDANCE)
        assert len(rows) == 3
        assert all(int(total) == int(present) + int(late) + int(absent) for _, total, present, late, absent, _ in rows)
        status, answer = curl("GET", "/api/reports/tutor-attendance", token=admin)
        assert status == 200
        # An unmarked session has the status `present` by default, and the guide's query counts it as present.
        counts = {
            tutor["tutor_username"]: (tutor["total_sessions"], tutor["present"] + tutor["unmarked"], tutor["late"])
            for tutor in answer["tutors"]
        }
        assert counts == {name: (int(total), int(present), int(late)) for name, total, present, late, _, _ in rows}

    def test_the_student_attendance_report(self, psql: Psql, curl: Curl, admin: str) -> None:
        rows = psql(guide_reports.STUDENT_ATTENDANCE)
        assert any(row[5] and float(row[5]) > 0 for row in rows)
        status, answer = curl("GET", "/api/reports/students/28/attendance", token=admin)
        assert status == 200
        reported = {(row["session_date"], row["start_time"]): row for row in answer["sessions"]}
        assert len(reported) == len(rows)
        for day, start, marked, source, _, minutes in rows:
            row = reported[day, start]
            assert row.get("student_attendance_status") == (None if source == "system_default" else marked)
            assert ("active_minutes" in row) == bool(minutes)
            # The guide's query counts the minutes before and after the lesson as well: in the demo there are few.
            assert 0 <= float(minutes or 0) - row.get("active_minutes", 0) <= MAX_MINUTES_OUTSIDE

    def test_the_whiteboard_engagement(self, psql: Psql, curl: Curl, admin: str) -> None:
        rows = psql(guide_reports.WHITEBOARD_ENGAGEMENT)
        assert all(0 < float(row[4]) <= 100 for row in rows)
        assert rows
        status, answer = curl("GET", "/api/reports/whiteboard-engagement", token=admin)
        assert status == 200
        reported = {
            tutor["tutor_username"]: [
                tutor[column]
                for column in (
                    "whiteboard_sessions",
                    "avg_tutor_active_minutes",
                    "avg_student_active_minutes",
                    "avg_student_engagement_pct",
                )
            ]
            for tutor in answer["tutors"]
        }
        assert reported.keys() == {row[0] for row in rows}
        for name, count, *averages in rows:
            assert reported[name][0] == int(count)
            differences = [float(guide) - ours for guide, ours in zip(averages, reported[name][1:], strict=True)]
            assert all(0 <= minutes <= MAX_MINUTES_OUTSIDE for minutes in differences[:2])
            assert 0 <= differences[2] <= MAX_PERCENT_OUTSIDE


class TestBeyondTheGuide:
    """Many suggestions at once, and other rules: shown before anything is written."""

    def test_a_preview_of_all_clear_suggestions(self, curl: Curl, tutor: str) -> None:
        previews = [
            curl("POST", "/api/tutor/sessions:applySuggestions", token=tutor, body={"preview": True}) for _ in range(2)
        ]
        assert previews[0] == previews[1]
        status, answer = previews[0]
        assert status == 200
        assert {it["reason"] for it in answer["not_applied"]} <= REASONS_NOT_TO_APPLY

    def test_a_policy_is_tried_on_past_decisions(self, curl: Curl, token: Callable[[int, str], str]) -> None:
        path, body = "/api/admin/attendance-policies:evaluate", {"limits": {"late_from_seconds": 420}}
        status, answer = curl("POST", path, token=token(ADMIN, "admin"), body=body)
        assert status == 200
        # Each is about a tutor and a student; one is about a class of three.
        assert answer["suggestions"] == 2 * answer["decisions"] + 2 > 2


class TestRefusals:
    """Who may not, and what can't be: all of it as JSON that says what to do."""

    def test_no_token(self, curl: Curl) -> None:
        status, answer = curl("GET", f"/api/tutor/sessions/{SESSION}/attendance-suggestion")
        assert (status, answer["code"]) == (401, 16)

    def test_another_user_s_id(self, curl: Curl, student: str) -> None:
        method, path, body = whiteboard_call("heartbeat", {"user_type": "student", "user_id": TUTOR})
        status, answer = curl(method, path, token=student, body=body)
        assert (status, answer["details"][0]["reason"]) == (403, "IDENTITY_MISMATCH")

    def test_path_5_with_body_6(self, curl: Curl, tutor: str) -> None:
        body = {"session_id": 6, "user_type": "tutor"}
        status, answer = curl("POST", "/api/whiteboard/sessions/5/heartbeat", token=tutor, body=body)
        assert (status, answer["code"]) == (400, 3)

    def test_an_unknown_status_is_refused(self, curl: Curl, tutor: str) -> None:
        path = f"/api/tutor/sessions/{SESSION}/attendance"
        status, answer = curl("PUT", path, token=tutor, body={"tutor_attendance_status": "maybe"})
        assert (status, answer["code"]) == (400, 3)

    @pytest.mark.parametrize(
        "path",
        [
            "/api/tutor/sessions/987654/attendance-suggestion",
            "/api/tutor/sessions/987654",
            "/api/whiteboard/sessions/987654/connection-status",
        ],
    )
    def test_an_unknown_session(self, curl: Curl, tutor: str, path: str) -> None:
        status, answer = curl("GET", path, token=tutor)
        assert (status, answer["code"]) == (404, 5)
