"""`export` prints everything that is known of one person, and nothing that is about others alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.personal_data.abel import (
    ABEL,
    ABOUT_SARA,
    CLASS,
    GUEST,
    HANA,
    SARA,
    TRACES,
    fill,
)
from tests.integration.personal_data.commands import export_in_process, run
from tests.integration.personal_data.test_columns import PERSONAL


@pytest.fixture(scope="module")
def filled(module_database: str) -> str:
    fill(module_database)
    return module_database


@pytest.fixture(scope="module")
def abel(filled: str) -> dict[str, Any]:
    return export_in_process(filled, ABEL)


def test_the_commands_print_what_both_services_know(filled: str, abel: dict[str, Any]) -> None:
    done = run("attendancectl", filled, "export", "--user", str(ABEL))
    assert done.returncode == 0, done.stderr
    person = json.loads(done.stdout)
    assert person["user_id"] == ABEL
    assert {**person["tracking_service"], **person["attendance_service"]} == abel


@pytest.mark.parametrize(("table", "column"), PERSONAL)
def test_it_has_every_column_that_names_the_person(abel: dict[str, Any], table: str, column: str) -> None:
    values = [json.dumps(row[column]) for row in abel[table]]
    assert any(trace in value for value in values for trace in TRACES)


def test_a_fact_is_a_row(abel: dict[str, Any]) -> None:
    interval = next(row for row in abel["presence_intervals"] if row["whiteboard_session_id"] == CLASS)
    assert (interval["user_type"], interval["started_at"]) == ("student", "2025-03-01T09:00:00+00:00")
    assert [row["whiteboard_session_id"] for row in abel["presence_intervals"]] == [1, 2, 3, 4]


def test_what_is_about_classmates_is_left_out(filled: str) -> None:
    sara = export_in_process(filled, SARA)
    in_class = next(row for row in sara["attendance_decisions"] if row["session_id"] == CLASS)
    assert [student["user_id"] for student in in_class["evidence"]["students"]] == [SARA]
    assert "student_metrics" not in in_class["evidence"]
    assert {row["student_id"] for row in sara["attendance_student_decisions"]} == {36}
    assert [entry["user_id"] for row in sara["whiteboard_sessions"] for entry in row["connection_logs"]] == [SARA] * 3
    assert {user for row in sara["settled_sessions"] for user in row["whiteboard_student_ids"]} == {SARA}


def test_a_guest_gets_of_a_lesson_only_that_they_were_there(abel: dict[str, Any]) -> None:
    visited = next(row for row in abel["settled_sessions"] if row["session_id"] == GUEST)
    assert [list(visited["suggestion"]), visited["suggestion"]["guests"][0]["user_id"]] == [["guests"], ABEL]


def test_a_tutor_gets_what_they_wrote(filled: str) -> None:
    hana = export_in_process(filled, HANA)
    assert ABOUT_SARA in {row["note"] for row in hana["attendance_student_decisions"]}
    assert "heartbeat_streams" not in hana


def test_of_a_user_whom_nobody_knows_nothing_is_exported(filled: str) -> None:
    assert export_in_process(filled, 999) == {}


@pytest.mark.parametrize("word", ["0", "abel", "-1", "2147483648"])
def test_what_is_no_users_id_is_refused(word: str) -> None:
    done = run("tracking_service.export", "postgresql://nowhere", f"--user={word}")
    assert (done.returncode, "is not a users.id" in done.stderr) == (2, True)


@pytest.mark.parametrize("service", ["tracking_service", "attendance_service"])
def test_the_command_says_what_is_in_its_way(empty_database: str, service: str) -> None:
    done = run(f"{service}.export", empty_database, "--user", "1")
    assert (done.returncode, done.stderr.startswith("Nothing was done. The database is")) == (2, True)


def test_which_server_is_in_its_way_is_named() -> None:
    done = run("tracking_service.erase", "postgresql://postgres@127.0.0.1:1/any", "--user", "1")
    assert (done.returncode, done.stderr.startswith("Nothing was done. The database can't be reached")) == (2, True)
    assert "127.0.0.1" in done.stderr
