"""deploy/monitoring: every alert is tried, explained, and says what to do (docs/runbooks/README.md)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from testkit.pytest_plugins.missing_promtool import needs_amtool, needs_promtool
from tests.contract.alert_rules import MONITORING, RULE_FILES, RUNBOOKS, TEST_FILES, alerts

ALERTS = alerts()
TRIALS = list(chain.from_iterable(yaml.safe_load(file.read_text())["tests"] for file in TEST_FILES))
RUNBOOK_FILES = sorted(RUNBOOKS.glob("[A-Z]*[a-z].md"))
#: What a runbook tells, in this order.
HEADINGS = ["What it means", "Look", "Causes", "Do", "It is over when", "How it was tried"]
SEVERITIES = {"page", "ticket", "none"}
#: What somebody on call has: on-call.sh, and usual programs.
COMMANDS = {"amtool", "curl", "docker", "firing", "logs", "python", "query", "sql", "trouble"}
#: Whoever is called at night should not be called for what has gone when they sit up.
MIN_SECONDS_BEFORE_A_CALL = 60
#: Can't be made good later, so nobody waits for it to last.
AT_ONCE = {"SessionsIsolated"}


def promtool(*arguments: str | Path) -> str:
    """Run it; return what it printed, which begins with a line break if it found a fault."""
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def seconds(duration: str) -> int:
    """Return a duration such as 2m."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


@needs_promtool
def test_prometheus_accepts_the_configuration_and_the_rules(tmp_path: Path) -> None:
    shutil.copytree(MONITORING, tmp_path, dirs_exist_ok=True)
    (tmp_path / "targets" / "alertmanager.yml").write_text("[]")
    assert "WARNING" not in promtool("check", "config", tmp_path / "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize("file", TEST_FILES, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_not_before(file: Path) -> None:
    promtool("test", "rules", file)


@needs_amtool
def test_alertmanager_accepts_its_configuration() -> None:
    subprocess.run(["amtool", "check-config", MONITORING / "alertmanager.yml"], check=True, capture_output=True)


@needs_amtool
@pytest.mark.parametrize("name", sorted(ALERTS))
def test_who_is_told_of_an_alert_depends_on_its_severity(name: str) -> None:
    severity = ALERTS[name]["labels"]["severity"]
    command = ["amtool", "config", "routes", "test", f"--config.file={MONITORING / 'alertmanager.yml'}"]
    routed = subprocess.run([*command, f"severity={severity}"], capture_output=True, text=True, check=True).stdout
    assert routed.strip() == {"page": "on-call", "ticket": "tickets", "none": "dead-man-switch"}[severity]


def test_what_alertmanager_leaves_out_are_alerts() -> None:
    inhibited = yaml.safe_load((MONITORING / "alertmanager.yml").read_text())["inhibit_rules"]
    matchers = chain.from_iterable(rule["source_matchers"] + rule["target_matchers"] for rule in inhibited)
    named = set(chain.from_iterable(re.findall(r"[A-Z]\w+", matcher) for matcher in matchers))
    assert named - ALERTS.keys() == set()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_urgent_it_is_what_is_wrong_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"].keys() == {"severity"}
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


@pytest.mark.parametrize("name", sorted(name for name in ALERTS if ALERTS[name]["labels"]["severity"] == "page"))
def test_nobody_is_called_for_what_may_be_over_at_once(name: str) -> None:
    lasted = seconds(ALERTS[name].get("for", "0s"))
    assert lasted >= MIN_SECONDS_BEFORE_A_CALL or name in AT_ONCE


@pytest.mark.parametrize("name", sorted(ALERTS.keys() - {"Watchdog"}))
def test_an_alert_is_tried_when_it_should_fire_and_when_it_should_not(name: str) -> None:
    own = [trial for trial in TRIALS if name in trial["name"].partition(":")[0].split(", ")]
    fires = [name in fired for trial in own for fired in _fired(trial)]
    assert set(fires) == {True, False}


def test_every_file_of_tests_reads_all_rules() -> None:
    read = {file: yaml.safe_load(file.read_text())["rule_files"] for file in TEST_FILES}
    assert {file.name: sorted(Path(rule).name for rule in rules) for file, rules in read.items()} == {
        file.name: [rules.name for rules in RULE_FILES] for file in TEST_FILES
    }


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert [file.stem for file in RUNBOOK_FILES] == sorted(ALERTS)


@pytest.mark.parametrize("file", RUNBOOK_FILES, ids=lambda file: file.stem)
def test_a_runbook_tells_everything_in_the_usual_order(file: Path) -> None:
    title, *headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    assert (title, headings) == (file.stem, HEADINGS)


@pytest.mark.parametrize("file", RUNBOOK_FILES, ids=lambda file: file.stem)
def test_the_runbooks_are_listed(file: Path) -> None:
    severity = ALERTS[file.stem]["labels"]["severity"]
    assert f"| [{file.stem}]({file.name}) | {severity} |" in (RUNBOOKS / "README.md").read_text()


def test_the_commands_of_the_runbooks_are_there_wherever_everything_runs() -> None:
    script = MONITORING / "on-call.sh"
    for place in ("up", "compose", "kubernetes"):
        kinds = f". {script} {place}; type -t firing query trouble logs restart more sql"
        listed = subprocess.run(["bash", "-c", kinds], capture_output=True, text=True, check=True).stdout
        assert listed.split() == ["function"] * 7


@pytest.mark.parametrize("file", RUNBOOK_FILES, ids=lambda file: file.stem)
def test_a_runbook_says_how_to_look_with_commands_that_there_are(file: Path) -> None:
    [commands] = re.findall(r"^## Look\n\n```bash\n(.+?)```", file.read_text(), re.MULTILINE | re.DOTALL)
    assert {command.split()[0] for command in commands.splitlines()} <= COMMANDS


def _fired(trial: dict[str, Any]) -> Iterator[set[str]]:
    """Yield the alerts that fire at each time of a trial."""
    for check in trial["promql_expr_test"]:
        yield set(re.findall(r'alertname="(\w+)"', " ".join(sample["labels"] for sample in check["exp_samples"])))
