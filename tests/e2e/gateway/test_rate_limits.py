"""One client can't use up what others need: limits per address before the token, and per identity after it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import jwt
import pytest

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import SECRET, bearer, gateway_settings
from tests.e2e.gateway.upstream import Upstream

SESSIONS = "/api/tutor/sessions"
#: A burst is twice as much.
ADDRESS_LIMIT, IDENTITY_LIMIT = 20, 5
#: More than a slow machine sends while a bucket of the tests fills up again.
FLOOD = 2000
_hosts = itertools.count(1)


@pytest.fixture(scope="module")
def limited(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    settings = gateway_settings(
        shared_upstream,
        GATEWAY_REQUESTS_PER_SECOND_PER_ADDRESS=str(ADDRESS_LIMIT),
        GATEWAY_REQUESTS_PER_SECOND_PER_IDENTITY=str(IDENTITY_LIMIT),
        GATEWAY_TRUSTED_PROXIES="1",
    )
    with running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway:
        gateway.wait_until_healthy()
        yield gateway


@pytest.fixture
def client(limited: Gateway, upstream: Upstream) -> Iterator[httpx.Client]:
    assert not upstream.answers
    with httpx.Client(base_url=limited.url) as opened:
        yield opened


def new_address() -> dict[str, str]:
    """Return the header by which a proxy reports an address that no other test has."""
    return {"x-forwarded-for": f"203.0.113.{next(_hosts)}"}


def identity(subject: str, **claims: object) -> dict[str, str]:
    return bearer(jwt.encode({"sub": subject, "exp": int(time.time()) + 3600, **claims}, SECRET, algorithm="HS256"))


def refused_in_flood(client: httpx.Client, path: str, headers: dict[str, str]) -> httpx.Response | None:
    """Return the first answer of a flood that is 429, if there is one."""
    answers = (client.get(path, headers=headers) for _ in range(FLOOD))
    return next((answer for answer in answers if answer.status_code == httpx.codes.TOO_MANY_REQUESTS), None)


@pytest.mark.parametrize("path", [SESSIONS, "/docs", "/ws/whiteboard/1"])
def test_a_stranger_who_floods_is_refused_and_others_are_not(client: httpx.Client, path: str) -> None:
    refused = refused_in_flood(client, path, new_address())
    assert refused is not None
    assert reason(refused, 429) == "RATE_LIMITED"
    assert client.get(SESSIONS, headers=new_address() | identity("1")).status_code == httpx.codes.NOT_FOUND


def test_files_and_calls_of_an_address_are_counted_apart(client: httpx.Client) -> None:
    address = new_address()
    assert refused_in_flood(client, "/docs", address)
    assert client.get(SESSIONS, headers=address | identity("2")).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize(
    ("subject", "claims"), [("6", {"role": "tutor"}), ("7", {"roles": ["tutor"]}), ("8", {"role": ["service"]})]
)
def test_an_identity_that_floods_is_refused_from_everywhere_and_others_at_its_address_are_not(
    client: httpx.Client, subject: str, claims: dict[str, object]
) -> None:
    address = new_address()
    flood = identity(subject, **claims)
    for _ in range(IDENTITY_LIMIT * 2):
        client.get(SESSIONS, headers=address | flood)
    assert any(
        client.get(SESSIONS, headers=new_address() | flood).status_code == httpx.codes.TOO_MANY_REQUESTS
        for _ in range(FLOOD)
    )
    assert client.get(SESSIONS, headers=address | identity("4")).status_code == httpx.codes.NOT_FOUND


def test_a_service_has_only_the_limit_for_all(client: httpx.Client) -> None:
    statuses = [
        client.get(SESSIONS, headers=new_address() | identity("relay", role="service")).status_code
        for _ in range(IDENTITY_LIMIT * 5)
    ]
    assert set(statuses) == {httpx.codes.NOT_FOUND}


def test_all_addresses_of_an_ipv6_network_count_as_one(client: httpx.Client) -> None:
    addresses = ({"x-forwarded-for": f"2001:db8::{number:x}"} for number in itertools.count(1))
    answers = (client.get("/docs", headers=next(addresses)).status_code for _ in range(FLOOD))
    assert httpx.codes.TOO_MANY_REQUESTS in answers


def test_a_native_grpc_call_above_the_limit_is_resource_exhausted(limited: Gateway) -> None:
    metadata = tuple((new_address() | identity("5")).items())
    with grpc.insecure_channel(limited.address) as channel:
        stub = tracking_pb2_grpc.TrackingServiceStub(channel)

        def refusal() -> tuple[grpc.StatusCode, str]:
            with pytest.raises(grpc.RpcError) as refused:
                stub.Connect(tracking_pb2.ConnectRequest(), metadata=metadata)
            return refused.value.code(), str(refused.value.details())

        refusals = (refusal() for _ in range(FLOOD))
        expected = (grpc.StatusCode.RESOURCE_EXHAUSTED, "Too many calls at the moment; retry in a second.")
        assert expected in refusals


def test_without_a_trusted_proxy_a_client_can_not_name_its_address(tmp_path: Path, upstream: Upstream) -> None:
    settings = gateway_settings(upstream, GATEWAY_REQUESTS_PER_SECOND_PER_ADDRESS=str(ADDRESS_LIMIT))
    with running_gateway(tmp_path, settings) as gateway, httpx.Client(base_url=gateway.url) as client:
        answers = (client.get("/docs", headers=new_address()).status_code for _ in range(FLOOD))
        assert httpx.codes.TOO_MANY_REQUESTS in answers
