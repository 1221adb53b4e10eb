"""One Envoy and one upstream for all tests that leave them as they are; the others start their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import grpc
import httpx
import pytest

from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock
from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.samples import TUTOR_ID
from tests.e2e.gateway.upstream import Upstream

SECRET = "a secret for tests that is long enough"  # noqa: S105
#: Long enough for an answer on a busy machine, short enough for tests that wait for it on purpose.
TIMEOUT_SECONDS = 2.0


def gateway_settings(upstream: Upstream, **changes: str) -> dict[str, str]:
    """Return settings that point at the upstream, as environment variables."""
    return {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": upstream.address,
        "ATTENDANCE_ADDRESS": upstream.address,
        "GATEWAY_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        **changes,
    }


def token(*, lifetime: timedelta = timedelta(hours=1), secret: str = SECRET) -> str:
    """Return a token as the platform issues them."""
    return issue_token(
        secret,
        subject=str(TUTOR_ID),
        role="tutor",
        clock=SystemClock(),
        lifetime=lifetime,
        role_ids={"tutor": "1", "student": "7"},
    )


def bearer(value: str | None = None) -> dict[str, str]:
    """Return the header (or metadata) that carries a token."""
    return {"authorization": f"Bearer {value or token()}"}


@pytest.fixture(scope="package")
def shared_upstream() -> Iterator[Upstream]:
    server = Upstream()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def gateway(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("gateway")
    with running_gateway(directory, gateway_settings(shared_upstream)) as running:
        running.wait_until_healthy()
        yield running


@pytest.fixture
def upstream(shared_upstream: Upstream) -> Upstream:
    """Return the shared upstream with no answers."""
    shared_upstream.answers.clear()
    return shared_upstream


@pytest.fixture
def own_upstream() -> Iterator[Upstream]:
    """Return an upstream that a test may stop or declare unhealthy."""
    server = Upstream()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def api(gateway: Gateway) -> Iterator[httpx.Client]:
    """Return a client with a tutor's token."""
    with httpx.Client(base_url=gateway.url, headers=bearer()) as client:
        yield client


@pytest.fixture(scope="package")
def stranger(gateway: Gateway) -> Iterator[httpx.Client]:
    """Return a client without a token."""
    with httpx.Client(base_url=gateway.url) as client:
        yield client


@pytest.fixture
def channel(gateway: Gateway) -> Iterator[grpc.Channel]:
    """Return a native gRPC channel to the gateway."""
    with grpc.insecure_channel(gateway.address) as opened:
        yield opened
