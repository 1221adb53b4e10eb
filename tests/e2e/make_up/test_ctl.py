"""`attendancectl` on everything that `make up` runs, as `make ctl` starts it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

from testkit.make_up import MakeUp
from testkit.source_tree import ROOT


def ctl(make_up: MakeUp, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "development.ctl", *arguments],
        cwd=ROOT,
        env=make_up.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_doctor_finds_nothing_that_has_failed(make_up: MakeUp) -> None:
    done = ctl(make_up, "doctor")
    assert done.returncode == 0, done.stdout
    assert "failed " not in done.stdout
    assert "ok       recording: " in done.stdout
    for process in ("tracking service", "attendance service", "presence socket", "gateway"):
        assert f"ok       {process}: answers at 127.0.0.1:" in done.stdout


def test_the_status_counts_what_the_tables_say(make_up: MakeUp) -> None:
    status = json.loads(ctl(make_up, "status", "--json").stdout)
    assert (status["troubles"], status["tracking"]["replicas"]) == ([], 1)
    # The demo's lessons settle while these tests run.
    assert status["attendance"]["lessons_settled"] + status["attendance"]["lessons_to_settle"] > 0


@pytest.mark.parametrize("through", ["tracking", "gateway"])
def test_a_simulation_is_acknowledged_and_leaves_nothing(make_up: MakeUp, through: str) -> None:
    done = ctl(
        make_up,
        *("simulate", "--people", "6", "--minutes", "0.03", "--interval", "0.1", "--closed-lids", "5"),
        *("--through", through, "--json"),
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["acknowledged"] == result["sent"] > 0
    assert "Removed 3 simulated sessions" in done.stderr
    assert ctl(make_up, "simulate", "--clean-up").stdout == "Removed 0 simulated sessions.\n"


def test_a_report_is_the_same_as_csv_and_as_json(make_up: MakeUp) -> None:
    as_csv = ctl(make_up, "report", "tutor-attendance", "--csv").stdout.removeprefix("\ufeff")
    rows = json.loads(ctl(make_up, "report", "tutor-attendance", "--json").stdout)["rows"]
    names = [row["tutor_name"] for row in csv.DictReader(io.StringIO(as_csv))]
    assert len(names) > 1
    assert sorted(names) == sorted(row["tutor_name"] for row in rows)


def test_a_report_as_a_tutor_sees_it_says_why_it_is_refused(make_up: MakeUp) -> None:
    done = ctl(make_up, "report", "suggestion-accuracy", "--tutor", "101")
    assert (done.returncode, done.stderr) == (2, "The API refused it with 403: this report is for admins\n")


def test_what_is_migrated_stays_as_it_is(make_up: MakeUp) -> None:
    assert ctl(make_up, "migrate").stdout.count("nothing to do") == 2
