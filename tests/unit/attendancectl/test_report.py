from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from attendancectl.app import app
from attendancectl.commands.report import Report
from testkit.source_tree import ROOT

#: Of exports, because each report has one; the student's has the student in its path.
PATHS = re.findall(
    r'get: "/api/reports/([\w{}/-]+)\.csv"', (ROOT / "protos/astegni/attendance/v1/attendance.proto").read_text()
)


def test_every_report_of_the_api_can_be_printed() -> None:
    assert {path.replace("students/{student_id}/attendance", "student-attendance") for path in PATHS} == set(Report)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["student-attendance"], "name the student"),
        (["tutor-attendance", "--from", "30.11.2026"], "write it as 2026-11-30"),
        (["tutor-attendance", "--tutor", "0"], "is not a users.id"),
        (["tutor-attendance"], "GATEWAY_PROBE_ADDRESS is not set"),
        (["everything"], "everything"),
    ],
)
def test_what_is_missing_is_named(arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_PROBE_ADDRESS", raising=False)
    monkeypatch.setenv("JWT_HS256_SECRET", "x" * 32)
    if "student-attendance" in arguments:
        monkeypatch.setenv("GATEWAY_PROBE_ADDRESS", "127.0.0.1:1")
    done = CliRunner().invoke(app, ["report", *arguments])
    assert (done.exit_code, done.stdout, message in done.stderr) == (2, "", True), done.output
