"""Autoscalers ask for numbers of ours, and prometheus-adapter's rules get them from Prometheus (docs/kubernetes.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from testkit.pytest_plugins.missing_promtool import needs_promtool
from tests.contract.alert_rules import selectors
from tests.contract.test_alerts import promtool
from tests.contract.test_dashboard import OF_ENVOY, documented
from tests.contract.test_kubernetes import KUBERNETES, PORTS, PROMETHEUS, of_kind

Rule = dict[str, Any]
RULES: list[Rule] = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text())["rules"]
#: What Prometheus Operator adds to every series; by these the adapter knows whose it is.
OF_KUBERNETES = frozenset({"namespace", "pod"})
#: What the adapter reads of a rule (its pkg/config/config.go); other keys it would pass over in silence.
KEYS = {"seriesQuery", "resources", "name", "metricsQuery"}
#: What the adapter puts in where an autoscaler asks for two pods.
TEMPLATE = {
    "<<.LabelMatchers>>": 'namespace="astegni",pod=~"one|two"',
    "<<.GroupBy>>": "pod",
}
#: What two pods of ours show, and one of another namespace: numbers, or counts that grow each 15 s.
SHOWN = {False: ("100x40", "600x40", "900x40"), True: ("0+1500x40", "0+9000x40", "0+13500x40")}
#: What the adapter gets for the two, in both cases.
EXPECTED = {"one": 100.0, "two": 600.0}


def series(rule: Rule) -> str:
    """Return the metric that a rule reads."""
    return str(rule["seriesQuery"].partition("{")[0])


def shown_as(rule: Rule) -> str:
    """Return the name under which an autoscaler asks for it."""
    found = re.fullmatch(rule["name"]["matches"], series(rule))
    assert found is not None
    return str(found.expand(rule["name"].get("as", "${0}").replace("${0}", r"\g<0>").replace("${1}", r"\g<1>")))


def asked_for(name: str) -> list[str]:
    """Return the custom metrics by which the deployment of a name is scaled."""
    metrics = of_kind("HorizontalPodAutoscaler")[name]["spec"]["metrics"]
    return [metric["pods"]["metric"]["name"] for metric in metrics if metric["type"] == "Pods"]


def query(rule: Rule) -> str:
    """Return what the adapter asks Prometheus about two pods."""
    text = str(rule["metricsQuery"]).replace("<<.Series>>", series(rule))
    for placeholder, value in TEMPLATE.items():
        text = text.replace(placeholder, value)
    return text


def labels_of(rule: Rule) -> str:
    """Return the labels by which the rule finds its series, but for those of Kubernetes."""
    return ",".join(re.findall(r'\w+="[^"]+"', rule["seriesQuery"]))


def test_each_deployment_is_scaled_by_a_number_of_its_own_that_the_adapter_shows() -> None:
    asked = [metric for name in PORTS for metric in asked_for(name)]
    assert len(asked) == len(set(asked)) == len(PORTS)
    assert sorted(asked) == sorted(map(shown_as, RULES))


@pytest.mark.parametrize("name", PORTS)
def test_processor_time_counts_only_where_a_pod_can_do_less_than_we_think(name: str) -> None:
    first, *others = of_kind("HorizontalPodAutoscaler")[name]["spec"]["metrics"]
    assert first["type"] == "Pods"
    assert first["pods"]["target"]["type"] == "AverageValue"
    assert [other["resource"]["name"] for other in others] == ["cpu"]


@pytest.mark.parametrize("rule", RULES, ids=shown_as)
def test_a_rule_reads_metrics_and_labels_that_there_are(rule: Rule) -> None:
    assert rule.keys() == KEYS
    assert rule["resources"]["overrides"].keys() == OF_KUBERNETES
    for selector in (*selectors(rule["seriesQuery"]), *selectors(query(rule))):
        kept = PROMETHEUS["scrape_configs"][-1]["metric_relabel_configs"][0]["regex"]
        known = OF_ENVOY if re.fullmatch(kept, selector.metric) else documented()[selector.metric]
        assert selector.labels <= known | OF_KUBERNETES


@needs_promtool
def test_prometheus_answers_with_one_number_for_each_pod(tmp_path: Path) -> None:
    trials = [_trial(rule) for rule in RULES]
    file = tmp_path / "adapter.yml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "15s", "tests": trials}))
    promtool("test", "rules", file)


def _trial(rule: Rule) -> dict[str, Any]:
    """Two pods of ours, a pod of another namespace, and what else a pod shows under the same name."""
    labels = labels_of(rule)
    places = ['namespace="astegni",pod="one"', 'namespace="astegni",pod="two"', 'namespace="other",pod="one"']
    values = SHOWN["rate(" in rule["metricsQuery"]]
    shown = [
        {"series": f"{series(rule)}{{{','.join(filter(None, (place, labels)))}}}", "values": value}
        for place, value in zip(places, values, strict=True)
    ]
    if labels:
        strange = re.sub(r'"[^"]+"', '"another"', labels)
        shown.append({"series": f"{series(rule)}{{{places[0]},{strange}}}", "values": "0+900x40"})
    samples = [{"labels": f'{{pod="{pod}"}}', "value": value} for pod, value in EXPECTED.items()]
    return {
        "interval": "15s",
        "input_series": shown,
        "promql_expr_test": [{"expr": query(rule), "eval_time": "5m", "exp_samples": samples}],
    }
