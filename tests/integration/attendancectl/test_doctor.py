"""`attendancectl doctor` and `status` on a database without services, sound and broken."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from attendancectl.app import app
from testkit.postgres import execute

PASSWORD = "a password of tests"  # noqa: S105 - it is none
#: tcpmux: no program listens there without root.
NOWHERE = "127.0.0.1:1"

Examine = Callable[[str], dict[str, dict[str, str]]]


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("TRACKING_ADDRESS", "ATTENDANCE_ADDRESS", "SOCKET_ADDRESS", "GATEWAY_PROBE_ADDRESS"):
        monkeypatch.setenv(variable, NOWHERE)


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch) -> Examine:
    def examined(url: str) -> dict[str, dict[str, str]]:
        monkeypatch.setenv("DATABASE_URL", url)
        done = CliRunner().invoke(app, ["doctor", "--json"])
        assert done.exit_code == 1, done.output
        assert PASSWORD not in done.output
        return {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}

    return examined


def test_a_migrated_database_is_sound(examine: Examine, module_database: str) -> None:
    found = examine(make_url(module_database).set(password=PASSWORD).render_as_string(hide_password=False))
    assert {check: finding["level"] for check, finding in found.items() if "role" in check or "migr" in check} == {
        "migrations of the tracking service": "ok",
        "migrations of the attendance service": "ok",
        "role tracking_service": "ok",
        "role attendance_service": "ok",
        "role tracking_erasure": "ok",
        "role attendance_erasure": "ok",
    }
    assert [found[check]["level"] for check in ("database", "durability", "clock of the database")] == ["ok"] * 3
    assert "only migrations need that" in found["login"]["found"]


def test_who_does_not_answer_has_failed_with_what_to_do(examine: Examine, module_database: str) -> None:
    found = examine(module_database)
    for process in ("tracking service", "attendance service", "presence socket", "gateway"):
        assert (found[process]["level"], "look into its log" in found[process]["next_step"]) == ("failed", True)


def test_a_database_that_is_not_migrated_names_the_command(examine: Examine, empty_database: str) -> None:
    found = examine(empty_database)["migrations of the tracking service"]
    assert (found["level"], "attendancectl migrate" in found["next_step"]) == ("failed", True)


def test_a_privilege_that_is_missing_is_named(examine: Examine, database: str) -> None:
    execute(database, "REVOKE INSERT ON presence_journal FROM tracking_service")
    found = examine(database)["role tracking_service"]
    assert (found["level"], found["found"]) == ("failed", "lacks INSERT on presence_journal")


def test_a_revision_that_is_missing_is_named(examine: Examine, database: str) -> None:
    execute(database, "UPDATE attendance_alembic_version SET version_num = '0001'")
    assert examine(database)["migrations of the attendance service"]["found"].startswith("at revision 0001")


def test_a_database_that_cannot_be_reached_has_failed(examine: Examine) -> None:
    found = examine(f"postgresql://somebody:{PASSWORD.replace(' ', '%20')}@{NOWHERE}/astegni")
    assert (found["database"]["level"], "DATABASE_URL" in found["database"]["next_step"]) == ("failed", True)


def test_a_url_that_is_none_is_named_and_not_shown(examine: Examine) -> None:
    found = examine(f"postgresql://somebody:{PASSWORD}@host:port/astegni")["settings of the tracking service"]
    assert (found["level"], "DATABASE_URL: is not valid" in found["found"]) == ("failed", True)


def test_the_status_of_a_database_without_services_says_who_is_missing(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", module_database)
    done = CliRunner().invoke(app, ["status", "--json"])
    status = json.loads(done.stdout)
    assert (done.exit_code, "no tracking service takes events" in status["troubles"]) == (1, True)
    assert (status["tracking"]["people_present"], status["attendance"]["claims_waiting"]) == (0, 0)


def test_nobody_writes_to_another_database_without_being_asked(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", module_database)
    done = CliRunner().invoke(app, ["simulate"])
    assert (done.exit_code, "say --yes" in done.stderr) == (2, True)
