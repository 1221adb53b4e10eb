"""Pages of other origins: allowed ones may call the API and read its answers, failures included."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from testkit.envoy import running_gateway
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import bearer, gateway_settings
from tests.e2e.gateway.upstream import Upstream

CONNECT = "/api/whiteboard/sessions/5/connect"
PLATFORM = "http://localhost:8080"
ALLOWED_ORIGIN = "access-control-allow-origin"


def preflight(client: httpx.Client, origin: str, path: str = CONNECT, method: str = "POST") -> httpx.Response:
    asked = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
    }
    return client.options(path, headers=asked)


@pytest.mark.parametrize(("path", "method"), [(CONNECT, "POST"), ("/api/tutor/sessions/5/attendance", "PUT")])
def test_the_preflight_of_an_allowed_page_is_answered_without_a_token(
    stranger: httpx.Client, path: str, method: str
) -> None:
    answer = preflight(stranger, PLATFORM, path, method)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers[ALLOWED_ORIGIN] == PLATFORM
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://localhost:8080.elsewhere.example", "null"])
def test_the_preflight_of_any_other_page_allows_nothing(stranger: httpx.Client, origin: str) -> None:
    assert ALLOWED_ORIGIN not in preflight(stranger, origin).headers


def test_an_allowed_page_may_read_answers_and_their_headers(api: httpx.Client) -> None:
    answer = api.get("/api/tutor/sessions/5", headers={"origin": PLATFORM})
    assert answer.headers[ALLOWED_ORIGIN] == PLATFORM
    assert answer.headers["access-control-expose-headers"] == "etag, retry-after, x-request-id"


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_allowed_page_may_read_the_gateways_own_failures(stranger: httpx.Client, verb: str) -> None:
    refused = stranger.request(verb, CONNECT, headers={"origin": PLATFORM})
    assert reason(refused, 401) == "BEARER_MISSING"
    assert refused.headers[ALLOWED_ORIGIN] == PLATFORM


def test_options_without_an_origin_is_no_preflight(stranger: httpx.Client) -> None:
    assert reason(stranger.options(CONNECT), 401) == "BEARER_MISSING"


def test_the_allowed_origins_are_a_setting(tmp_path: Path, own_upstream: Upstream) -> None:
    settings = gateway_settings(own_upstream, CORS_ALLOWED_ORIGINS="https://a.example, https://b.example")
    with running_gateway(tmp_path, settings) as gateway, httpx.Client(base_url=gateway.url) as client:
        assert preflight(client, "https://b.example").headers[ALLOWED_ORIGIN] == "https://b.example"
        assert ALLOWED_ORIGIN not in preflight(client, PLATFORM).headers


def test_cookies_play_no_part(api: httpx.Client) -> None:
    answer = api.get("/api/tutor/sessions/5", headers={"origin": PLATFORM, **bearer()})
    assert "access-control-allow-credentials" not in answer.headers
