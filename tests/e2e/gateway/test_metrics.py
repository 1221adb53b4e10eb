"""Where Prometheus reads the gateway's metrics: that, and nothing else of Envoy's administration."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gateway.metrics_listener import METRICS_PATH
from testkit.envoy import running_gateway
from testkit.ports import free_port
from tests.e2e.gateway.conftest import gateway_settings
from tests.e2e.gateway.upstream import Upstream


@pytest.fixture(scope="module")
def metrics(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """What listens on the port of metrics of a gateway that has answered one call."""
    port = free_port()
    settings = gateway_settings(shared_upstream, GATEWAY_METRICS_PORT=str(port))
    with (
        running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        gateway.wait_until_healthy()
        yield client


def test_metrics_are_in_the_format_of_prometheus(metrics: httpx.Client) -> None:
    answer = metrics.get(METRICS_PATH)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'envoy_cluster_membership_healthy{envoy_cluster_name="tracking"} 1' in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/stats"),
        ("GET", "/config_dump"),
        ("GET", "/certs"),
        ("GET", f"{METRICS_PATH}/../../config_dump"),
        ("POST", METRICS_PATH),
        ("POST", "/quitquitquit"),
        ("POST", "/healthcheck/fail"),
    ],
)
def test_nothing_else_is_passed_on(metrics: httpx.Client, method: str, path: str) -> None:
    assert metrics.request(method, path).status_code == httpx.codes.NOT_FOUND
