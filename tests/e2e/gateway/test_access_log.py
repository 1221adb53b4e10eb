"""The access log: a JSON line for each request, without secrets."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from testkit.envoy import running_gateway
from tests.e2e.gateway.conftest import bearer, gateway_settings, token
from tests.e2e.gateway.upstream import Upstream


@pytest.fixture(scope="module")
def lines(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what is logged of a health check, a call with a query string and a refused call."""
    shared_upstream.answers.clear()
    with (
        running_gateway(tmp_path_factory.mktemp("gateway"), gateway_settings(shared_upstream)) as gateway,
        httpx.Client(base_url=gateway.url) as client,
    ):
        gateway.wait_until_healthy()
        client.get("/api/tutor/sessions", params={"page_token": "secret-query"}, headers=bearer())
        client.get("/api/tutor/sessions", params={"access_token": token()})
    return [json.loads(line) for line in gateway.access_log.read_text().splitlines()]


def test_a_line_has_the_request_and_its_result(lines: list[dict[str, Any]]) -> None:
    line = lines[0]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/tutor/sessions", 404)
    assert line["upstream"] == "attendance"
    assert line["request_id"]


def test_neither_tokens_nor_query_strings_are_logged(lines: list[dict[str, Any]]) -> None:
    text = json.dumps(lines)
    assert "secret-query" not in text
    assert "eyJ" not in text
    assert "?" not in text


def test_health_checks_are_not_logged(lines: list[dict[str, Any]]) -> None:
    assert [line["status"] for line in lines] == [404, 401]


def test_the_request_id_in_the_answer_is_the_one_the_service_sees(api: httpx.Client, upstream: Upstream) -> None:
    answer = api.get("/api/tutor/sessions/5", headers={"x-request-id": "made-up"})
    assert answer.headers["x-request-id"] == upstream.metadata["x-request-id"] != "made-up"
