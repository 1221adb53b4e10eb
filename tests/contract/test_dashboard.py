"""Rules, dashboard and runbooks read metrics and labels that there are (docs/metrics.md)."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from development.dashboard.__main__ import FILE, text
from testkit.pytest_plugins.missing_promtool import needs_promtool
from testkit.source_tree import ROOT
from tests.contract.alert_rules import MONITORING, grouping_labels, recorded, rules, runbook_commands, selectors
from tests.contract.test_alerts import promtool

#: What Prometheus adds: to every series, to buckets of histograms, and about targets and alerts.
EVERYWHERE = frozenset({"job", "instance", "le"})
OF_PROMETHEUS = {"up": frozenset[str](), "ALERTS": frozenset({"alertname", "alertstate", "severity"})}
#: Of prometheus-client, as docs/metrics.md says.
OF_THE_PROCESS = {
    f"process_{name}": frozenset[str]()
    for name in ("cpu_seconds_total", "max_fds", "open_fds", "resident_memory_bytes", "start_time_seconds")
}
#: Labels of Envoy's metrics; tests/e2e/make_up/test_monitoring.py looks whether there are such metrics.
OF_ENVOY = frozenset(
    {
        "envoy_cluster_name",
        "envoy_http_conn_manager_prefix",
        "envoy_local_http_ratelimit_prefix",
        "envoy_response_code_class",
    }
)
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)
DASHBOARD = json.loads(FILE.read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = sorted({*QUERIES, *(rule["expr"] for rule in rules()), *runbook_commands("query")})


class Place(NamedTuple):
    """Where a panel is."""

    x: int
    y: int
    w: int
    h: int


def documented() -> dict[str, frozenset[str]]:
    """Return the labels of every series that our processes show, by its name."""
    series: dict[str, frozenset[str]] = {}
    for name, kind, labels in _ROW.findall((ROOT / "docs" / "metrics.md").read_text()):
        endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        series |= {f"{name}{ending}": frozenset(re.findall(r"`(\w+)`", labels)) for ending in endings}
    return series


KNOWN = {**documented(), **OF_PROMETHEUS, **OF_THE_PROCESS}


def labels_of(metric: str) -> frozenset[str]:
    """Return the labels that a metric or recorded value may have; KeyError if there is none of this name."""
    if metric in recorded():
        return frozenset(grouping_labels(recorded()[metric])) | _labels_read(recorded()[metric])
    return OF_ENVOY if metric.startswith("envoy_") else KNOWN[metric]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_reads_metrics_and_labels_that_there_are(expression: str) -> None:
    read = list(selectors(expression))
    assert read or expression.startswith("vector(")
    for selector in read:
        assert selector.labels - labels_of(selector.metric) - EVERYWHERE == set(), selector.metric
    assert grouping_labels(expression) - _labels_read(expression) - EVERYWHERE == set()


@pytest.mark.parametrize("metric", ["tracking_acks_seconds_bucket", "up:ratio"])
def test_a_metric_that_is_not_there_is_found(metric: str) -> None:
    [selector] = selectors(f"sum(rate({metric}[5m]))")
    with pytest.raises(KeyError):
        labels_of(selector.metric)


def test_what_is_kept_of_envoy_is_what_is_read() -> None:
    [gateway] = [job for job in _configuration()["scrape_configs"] if job["job_name"] == "gateway"]
    kept = re.compile(gateway["metric_relabel_configs"][0]["regex"])
    read = {selector.metric for expression in EXPRESSIONS for selector in selectors(expression)}
    assert [metric for metric in read if metric.startswith("envoy_") and not kept.fullmatch(metric)] == []


@needs_promtool
def test_prometheus_understands_every_query_of_the_dashboard_and_the_runbooks(tmp_path: Path) -> None:
    queries = [query.replace("$__rate_interval", "1m") for query in (*QUERIES, *runbook_commands("query"))]
    group = {"name": "queries", "rules": [{"record": f"query:{n}", "expr": query} for n, query in enumerate(queries)]}
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [group]}))
    promtool("check", "rules", file)


def test_the_dashboard_is_what_the_questions_make() -> None:
    assert FILE.read_text() == text(), "run `make dashboard`"


def test_every_graph_says_what_it_means_and_has_a_place_of_its_own() -> None:
    assert [panel["title"] for panel in PANELS if not panel["description"]] == []
    places = [Place(**panel["gridPos"]) for panel in DASHBOARD["panels"]]
    taken = list(chain.from_iterable(_cells(place) for place in places))
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_the_dashboard_asks_the_source_that_is_provisioned() -> None:
    provisioned = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text())
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"] for source in provisioned["datasources"]}


def test_values_of_the_legends_are_labels() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
            assert named - _labels_read(target["expr"]) - EVERYWHERE == set(), panel["title"]


def _labels_read(expression: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(labels_of(selector.metric) for selector in selectors(expression)))


def _configuration() -> dict[str, Any]:
    configuration: dict[str, Any] = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    return configuration


def _cells(place: Place) -> list[tuple[int, int]]:
    return [(x, y) for x in range(place.x, place.x + place.w) for y in range(place.y, place.y + place.h)]
