"""deploy/kubernetes renders, is valid for Kubernetes, and agrees with the code (docs/kubernetes.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from attendance_service.settings import AttendanceSettings
from gateway.drain import DEFAULT_LIMIT_SECONDS as DRAIN_SECONDS
from gateway.presence_socket.settings import PresenceSocketSettings
from gateway.settings import GatewaySettings
from servicekit.rpc.server import MAX_STOP_SECONDS
from servicekit.settings import EnvironmentSettings
from testkit.source_tree import ROOT
from tests.contract.packages import subclasses
from tracking_service.recording_health import RECORDING
from tracking_service.settings import TrackingSettings

Resource = dict[str, Any]
KUBERNETES = ROOT / "deploy" / "kubernetes"
KUSTOMIZATIONS = ("base", "overlays/trial", "overlays/production")
#: `sleep` before a stop, and spreading the pods of one version, exist since the first.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
#: Where each deployment listens, by the defaults of the code.
PORTS = {
    "tracking": TrackingSettings.model_fields["tracking_port"].default,
    "attendance": AttendanceSettings.model_fields["attendance_port"].default,
    "presence-socket": PresenceSocketSettings.model_fields["socket_port"].default,
    "gateway": GatewaySettings.model_fields["gateway_port"].default,
}
POSTGRESQL = 5432
#: Who calls whom (docs/architecture.md#the-parts), and who asks the gateway whether it runs.
CALLS = {
    ("gateway", "tracking"),
    ("gateway", "attendance"),
    ("gateway", "presence-socket"),
    ("attendance", "tracking"),
    ("presence-socket", "tracking"),
    ("tracking", "gateway"),
    ("presence-socket", "gateway"),
}


def rendered(kustomization: str) -> list[Resource]:
    """Return what `kubectl apply --kustomize` would send."""
    command = [str(Path(sys.executable).with_name("kubectl")), "kustomize", str(KUBERNETES / kustomization)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


RENDERED = {kustomization: rendered(kustomization) for kustomization in KUSTOMIZATIONS}
BASE = RENDERED["base"]
SETTINGS = next(resource["data"] for resource in BASE if resource["kind"] == "ConfigMap")
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "monitoring" / "prometheus.yml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def of_kind(kind: str) -> dict[str, Resource]:
    """Return the resources of a kind in the base, by name."""
    return {resource["metadata"]["name"]: resource for resource in BASE if resource["kind"] == kind}


TEMPLATES = {
    name: workload["spec"]["template"] for kind in ("Deployment", "Job") for name, workload in of_kind(kind).items()
}
PODS = {name: template["spec"] for name, template in TEMPLATES.items()}


def containers(pod: Resource) -> Iterator[Resource]:
    yield from pod.get("initContainers", ())
    yield from pod["containers"]


CONTAINERS = [
    pytest.param(container, id=f"{name}-{container['name']}")
    for name, pod in PODS.items()
    for container in containers(pod)
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kustomization", KUSTOMIZATIONS)
def test_every_resource_is_valid(kustomization: str, version: str) -> None:
    for resource in RENDERED[kustomization]:
        kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("kustomization", KUSTOMIZATIONS)
def test_every_resource_is_in_the_namespace_of_the_product(kustomization: str) -> None:
    for resource in RENDERED[kustomization]:
        metadata = resource["metadata"]
        assert metadata.get("namespace", metadata["name"]) == "astegni"


@pytest.mark.parametrize("name", PODS)
def test_a_pod_gets_nothing_that_it_does_not_need(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert f"{pod['securityContext']['runAsUser']}:" in COMPOSE["gateway"]["user"]
    assert pod["automountServiceAccountToken"] is False
    # Kubernetes would set TRACKING_PORT and its like to URLs.
    assert pod["enableServiceLinks"] is False


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_can_neither_write_nor_gain_privileges_nor_take_all_memory(container: Resource) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    # A limit of CPU would slow a process down although the node has time left.
    assert container["resources"]["limits"].keys() == {"memory"}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_runs_what_docker_compose_runs(container: Resource) -> None:
    program, *arguments = container["command"]
    if program == "envoy":
        assert container["command"] == COMPOSE["gateway"]["command"]
        assert container["image"] in COMPOSE["gateway"]["image"]
    else:
        assert container["image"] in COMPOSE["tracking"]["image"]
        assert find_spec(arguments[1]) is not None


@pytest.mark.parametrize("name", PORTS)
def test_a_pod_that_stops_in_time_is_not_killed(name: str) -> None:
    pod = PODS[name]
    pauses = [one["lifecycle"]["preStop"]["sleep"]["seconds"] for one in pod["containers"] if one["name"] != "refresh"]
    (pause,) = pauses
    assert pause + MAX_STOP_SECONDS < pod["terminationGracePeriodSeconds"]
    # Envoy must still be there while the container beside it lets calls finish.
    assert name != "gateway" or pause > DRAIN_SECONDS


@pytest.mark.parametrize("name", PORTS)
def test_a_deployment_has_all_that_keeps_it_available(name: str) -> None:
    labels = {"app": name}
    deployment = of_kind("Deployment")[name]["spec"]
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"] == labels
    # The autoscaler's number would be lost with each `apply`.
    assert "replicas" not in deployment
    assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels
    scaled = of_kind("HorizontalPodAutoscaler")[name]["spec"]
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert scaled["minReplicas"] >= 2
    spread = PODS[name]["topologySpreadConstraints"]
    assert {one["topologyKey"] for one in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    assert all(one["labelSelector"]["matchLabels"] == labels for one in spread)


@pytest.mark.parametrize("name", PORTS)
def test_a_service_leads_to_where_the_process_listens(name: str) -> None:
    first = PODS[name]["containers"][0]
    port = first["ports"][0]
    service = of_kind("Service")[name]["spec"]
    assert port["containerPort"] == service["ports"][0]["port"] == PORTS[name]
    assert service["ports"][0]["targetPort"] == port["name"]
    assert service["selector"] == {"app": name}
    # Behind the gateway a name has the addresses of all pods, because Envoy and gRPC choose among them themselves.
    assert (service.get("clusterIP") == "None") == (name != "gateway")


@pytest.mark.parametrize("name", ["tracking", "attendance"])
@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_a_grpc_probe_asks_what_docker_compose_asks(name: str, probe: str) -> None:
    asked = PODS[name]["containers"][0][probe]["grpc"]
    assert COMPOSE[name]["healthcheck"]["test"][-2:] == [f"127.0.0.1:{asked['port']}", asked["service"]]


def test_only_migrations_have_the_password_of_the_tables_owner() -> None:
    given = {
        name: {
            source["secretRef"]["name"] for one in containers(pod) for source in one["envFrom"] if "secretRef" in source
        }
        for name, pod in PODS.items()
        if name != "gateway"
    }
    assert given == {
        "migrations": {"migrations"},
        "tracking": {"tokens", "tracking-database"},
        "attendance": {"tokens", "attendance-database"},
        "presence-socket": {"tokens"},
    }


def test_no_secret_is_in_the_tree() -> None:
    assert not [resource for resources in RENDERED.values() for resource in resources if resource["kind"] == "Secret"]


@pytest.mark.parametrize("kustomization", KUSTOMIZATIONS)
def test_every_setting_is_one_of_ours(kustomization: str) -> None:
    known = {name.upper() for kind in subclasses(EnvironmentSettings) for name in kind.model_fields}
    (settings,) = (resource["data"] for resource in RENDERED[kustomization] if resource["kind"] == "ConfigMap")
    assert settings.keys() - known == set()


@pytest.mark.parametrize("name", PORTS)
def test_the_monitoring_alone_reaches_the_metrics_of_a_pod(name: str) -> None:
    first = PODS[name]["containers"][0]
    port = next(port["containerPort"] for port in first["ports"] if port["name"] == "metrics")
    set_by = SETTINGS if name == "gateway" else {one["name"]: one["value"] for one in first["env"]}
    assert int(set_by["GATEWAY_METRICS_PORT" if name == "gateway" else "METRICS_PORT"]) == port
    letting_in = [
        rule["from"]
        for policy in of_kind("NetworkPolicy").values()
        for rule in policy["spec"].get("ingress", ())
        if _selects(policy["spec"]["podSelector"], name) and "metrics" in {one["port"] for one in rule["ports"]}
    ]
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}
    assert letting_in == [[{"namespaceSelector": namespace}]]


def test_with_the_component_every_pod_is_scraped_as_the_job_of_its_name(tmp_path: Path) -> None:
    base, component = (os.path.relpath(KUBERNETES / part, tmp_path) for part in ("base", "components/monitoring"))
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [base], "components": [component]}))
    monitored = rendered(str(tmp_path))
    services = [resource for resource in monitored if resource["kind"] == "Service"]
    monitors = [resource["spec"] for resource in monitored if resource["kind"] == "ServiceMonitor"]
    scraped = [
        (service["metadata"]["labels"][monitor["jobLabel"]], endpoint["path"])
        for monitor in monitors
        for endpoint in monitor["endpoints"]
        for service in services
        if _matches(monitor["selector"], service["metadata"]["labels"])
        and {"name": endpoint["port"], "targetPort": "metrics"}.items() <= service["spec"]["ports"][-1].items()
    ]
    paths = {job["job_name"]: job.get("metrics_path", "/metrics") for job in PROMETHEUS["scrape_configs"]}
    assert sorted(scraped) == sorted(paths.items())


def _matches(selector: Resource, labels: Resource) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def test_pods_reach_those_that_they_call_and_no_others() -> None:
    policies = [policy["spec"] for policy in of_kind("NetworkPolicy").values()]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    reached = {
        (caller, called)
        for caller in PODS
        for called in PORTS
        if any(_lets(policy, "egress", caller, called, "to") for policy in policies)
        and any(_lets(policy, "ingress", called, caller, "from") for policy in policies)
    }
    assert reached == CALLS


def _lets(policy: Resource, direction: str, pod: str, other: str, side: str) -> bool:
    """Return whether a policy of one pod lets calls through, to or from another, to the port that is called."""
    called = other if direction == "egress" else pod
    ports = {PORTS[called], PODS[called]["containers"][0]["ports"][0]["name"]}
    return _selects(policy["podSelector"], pod) and any(
        ports & {port["port"] for port in rule["ports"]}
        and (side not in rule or any(_selects(peer.get("podSelector"), other) for peer in rule[side]))
        for rule in policy.get(direction, ())
    )


def _selects(selector: Resource | None, pod: str) -> bool:
    """Return whether a selector finds a pod by the labels that the pod itself has."""
    return selector is not None and _matches(selector, TEMPLATES[pod].get("metadata", {}).get("labels", {}))


def test_pods_that_know_an_address_of_the_database_reach_it_and_no_others() -> None:
    knowing = {"migrations", "tracking", "attendance"}
    policies = [policy["spec"] for policy in of_kind("NetworkPolicy").values()]
    assert knowing == {
        pod
        for pod in PODS
        for policy in policies
        if _selects(policy["podSelector"], pod)
        for rule in policy.get("egress", ())
        if POSTGRESQL in [port["port"] for port in rule["ports"]]
    }


def test_nobody_who_sends_calls_asks_whether_a_service_can_record() -> None:
    files = (*KUBERNETES.rglob("*.yaml"), ROOT / "docker-compose.yml", ROOT / "gateway" / "envoy.yaml")
    assert [file for file in files if RECORDING in file.read_text()] == []
