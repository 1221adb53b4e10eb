"""Starting a second gateway beside the first, and one after another was killed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.conftest import gateway_settings
from tests.e2e.gateway.upstream import Upstream


def test_a_second_gateway_on_the_same_port_fails_instead_of_taking_half_of_the_calls(
    tmp_path: Path, gateway: Gateway, upstream: Upstream
) -> None:
    settings = gateway_settings(upstream, GATEWAY_PORT=str(gateway.port))
    with pytest.raises(RuntimeError, match="Address already in use"), running_gateway(tmp_path, settings):
        pytest.fail("the second gateway must not start")


def test_after_a_kill_the_same_directory_serves_again(tmp_path: Path, upstream: Upstream) -> None:
    with running_gateway(tmp_path, gateway_settings(upstream)) as killed:
        killed.process.kill()
        killed.process.wait()
    with running_gateway(tmp_path, gateway_settings(upstream)) as gateway:
        gateway.wait_until_healthy()
        assert httpx.get(gateway.url).status_code == httpx.codes.OK
