"""`make up MONITORING=1`: the product's rules on the product's metrics, in a real Prometheus."""

from __future__ import annotations

from typing import Any

import httpx

from testkit.eventually import eventually
from testkit.make_up import MakeUp, command
from testkit.pytest_plugins.missing_promtool import needs_alertmanager, needs_prometheus
from tests.contract.alert_rules import rules, runbook_commands, selectors
from tests.contract.test_dashboard import EXPRESSIONS

JOBS = {"attendance", "gateway", "presence-socket", "tracking"}


def ask(make_up: MakeUp, path: str, **parameters: str) -> Any:  # noqa: ANN401 - JSON
    return httpx.get(f"{make_up.prometheus_url}/api/v1/{path}", params=parameters).json()["data"]


@needs_prometheus
def test_it_says_where_a_browser_finds_prometheus(make_up: MakeUp) -> None:
    address = f"http://localhost:{make_up.environment['PROMETHEUS_PORT']}/"
    assert f"{address}, where it is installed" in make_up.output
    assert "Prometheus" in httpx.get(address, follow_redirects=True).raise_for_status().text


@needs_prometheus
async def test_every_process_is_asked_and_answers(make_up: MakeUp) -> None:
    await eventually(lambda: _health(make_up).keys() >= JOBS and "unknown" not in _health(make_up).values())
    assert {job: _health(make_up)[job] for job in JOBS} == dict.fromkeys(JOBS, "up")


@needs_prometheus
async def test_every_rule_is_evaluated_without_an_error(make_up: MakeUp) -> None:
    await eventually(lambda: _rules(make_up) and all(rule["health"] != "unknown" for rule in _rules(make_up)))
    assert [rule["lastError"] for rule in _rules(make_up) if rule["health"] != "ok"] == []
    assert len(_rules(make_up)) == len(rules())


@needs_prometheus
async def test_there_is_a_value_for_everything_of_the_gateway_that_is_read(make_up: MakeUp) -> None:
    read = {selector.metric for expression in EXPRESSIONS for selector in selectors(expression)}
    of_envoy = [metric for metric in read if metric.startswith("envoy_")]
    await eventually(lambda: all(ask(make_up, "query", query=metric)["result"] for metric in of_envoy))


@needs_prometheus
@needs_alertmanager
async def test_an_alert_arrives_at_alertmanager(make_up: MakeUp) -> None:
    assert f"http://localhost:{make_up.environment['ALERTMANAGER_PORT']}/" in make_up.output
    await eventually(lambda: "Watchdog" in _alerts(make_up))


def test_the_database_understands_what_the_runbooks_ask(make_up: MakeUp) -> None:
    statements = (statement.replace("PID", "0").replace("$$", "'") for statement in runbook_commands("sql"))
    options = [option for statement in statements for option in ("--command", statement)]
    psql = command("development.psql", make_up.environment, "--set", "ON_ERROR_STOP=1", "--quiet", *options)
    output, _ = psql.communicate()
    assert psql.returncode == 0, output


def _health(make_up: MakeUp) -> dict[str, str]:
    return {target["labels"]["job"]: target["health"] for target in ask(make_up, "targets")["activeTargets"]}


def _alerts(make_up: MakeUp) -> set[str]:
    alerts = httpx.get(f"{make_up.alertmanager_url}/api/v2/alerts").json()
    return {alert["labels"]["alertname"] for alert in alerts}


def _rules(make_up: MakeUp) -> list[dict[str, Any]]:
    return [rule for group in ask(make_up, "rules")["groups"] for rule in group["rules"]]
