"""/healthz: what load balancers and `make up` wait for."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from google.protobuf.descriptor import ServiceDescriptor

from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import gateway_settings
from tests.e2e.gateway.upstream import ATTENDANCE, TRACKING, Upstream


def until_status(gateway: Gateway, client: httpx.Client, status: int) -> None:
    gateway.wait_until(lambda: client.get("/healthz").status_code == status)


def test_health_is_200_without_a_token_while_both_services_are_healthy(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").status_code == httpx.codes.OK


@pytest.mark.parametrize("service", [TRACKING, ATTENDANCE], ids=lambda service: service.name)
def test_health_is_503_while_one_service_is_not_serving_and_200_again_afterwards(
    tmp_path: Path, own_upstream: Upstream, service: ServiceDescriptor
) -> None:
    with (
        running_gateway(tmp_path, gateway_settings(own_upstream)) as gateway,
        httpx.Client(base_url=gateway.url) as client,
    ):
        gateway.wait_until_healthy()
        own_upstream.set_serving(service, serving=False)
        until_status(gateway, client, 503)
        own_upstream.set_serving(service, serving=True)
        until_status(gateway, client, 200)


def test_health_is_503_while_the_services_are_down(tmp_path: Path, own_upstream: Upstream) -> None:
    own_upstream.stop()
    with running_gateway(tmp_path, gateway_settings(own_upstream)) as gateway:
        assert reason(httpx.get(f"{gateway.url}/healthz"), 503) == "SERVICE_UNAVAILABLE"
