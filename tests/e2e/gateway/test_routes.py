"""Which calls reach a service, and what happens to all others."""

from __future__ import annotations

import re

import grpc
import httpx
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from tests.e2e.gateway.answers import failure, reason
from tests.e2e.gateway.conftest import bearer
from tests.e2e.gateway.upstream import ATTENDANCE, PRESENCE_QUERY, TRACKING, Upstream


def rest_binding(method: MethodDescriptor) -> tuple[str, str]:
    """Return verb and path of a method, with 5 for every id."""
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = str(rule.WhichOneof("pattern"))
    return verb.upper(), re.sub(r"\{\w+\}", "5", str(getattr(rule, verb)))


REST_METHODS = [
    method
    for service in (TRACKING, ATTENDANCE)
    for method in service.methods
    if method.GetOptions().HasExtension(annotations_pb2.http)
]
REST = pytest.mark.parametrize("method", REST_METHODS, ids=lambda method: method.name)


@REST
def test_each_rest_path_reaches_its_method(api: httpx.Client, upstream: Upstream, method: MethodDescriptor) -> None:
    answer = GetMessageClass(method.output_type)()
    upstream.answers[method.name] = lambda _request, _context: iter([answer]) if method.server_streaming else answer
    verb, path = rest_binding(method)
    body = b"{}" if verb != "GET" else None
    assert api.request(verb, path, content=body).status_code == httpx.codes.OK


@REST
def test_the_wrong_verb_is_answered_with_405_and_the_right_ones(api: httpx.Client, method: MethodDescriptor) -> None:
    _, path = rest_binding(method)
    refused = api.request("DELETE", path)
    assert reason(refused, 405) == "METHOD_NOT_ALLOWED"
    bindings = [rest_binding(other) for other in REST_METHODS]
    assert refused.headers["allow"].split(", ") == sorted(verb for verb, bound in bindings if bound == path)


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/docs/nothing", "/api/tutor/sessions/5:nothing"])
def test_an_unknown_path_is_answered_with_404(api: httpx.Client, path: str) -> None:
    assert reason(api.get(path), 404) == "PATH_UNKNOWN"


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/elsewhere", "/docs/nothing", "/lessons/12"])
def test_a_browser_gets_a_page_at_an_unknown_path_without_a_token(stranger: httpx.Client, path: str) -> None:
    answer = stranger.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    named = re.findall(r'(?:href|src)="(/assets/[^"]+)"', answer.text)
    assert {stranger.get(file).status_code for file in named} == {200}


def test_programs_and_the_api_get_json_at_an_unknown_path(api: httpx.Client, stranger: httpx.Client) -> None:
    assert reason(api.get("/elsewhere"), 404) == "PATH_UNKNOWN"
    assert reason(api.get("/api/nothing", headers=BROWSER), 404) == "PATH_UNKNOWN"
    assert reason(stranger.get("/elsewhere"), 401) == "BEARER_MISSING"
    assert reason(stranger.get("/api/nothing", headers=BROWSER), 401) == "BEARER_MISSING"
    assert reason(api.post("/elsewhere", headers=BROWSER), 404) == "PATH_UNKNOWN"


@pytest.mark.parametrize("method", list(PRESENCE_QUERY.methods), ids=lambda method: method.name)
def test_no_method_of_the_presence_query_service_is_reachable_by_rest(
    api: httpx.Client, method: MethodDescriptor
) -> None:
    failure(api.post(f"/{PRESENCE_QUERY.full_name}/{method.name}", json={"session_id": 5}), 404)


def test_the_presence_query_service_is_not_reachable_by_grpc(channel: grpc.Channel) -> None:
    stub = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
    with pytest.raises(grpc.RpcError) as refused:
        stub.GetConnectionMetrics(
            tracking_pb2.GetConnectionMetricsRequest(session_id=5), metadata=tuple(bearer().items())
        )
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert refused.value.details() == "The gateway offers no such method."


@pytest.mark.parametrize("method", ["/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/X"])
def test_health_and_reflection_of_the_services_are_not_reachable(channel: grpc.Channel, method: str) -> None:
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
    with pytest.raises(grpc.RpcError) as refused:
        call(b"", metadata=tuple(bearer().items()))
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_method_without_a_rest_path_can_not_be_called_with_json(api: httpx.Client) -> None:
    failure(api.post(f"/{TRACKING.full_name}/Connect", json={"session_id": 5}), 404)


def test_a_rest_path_is_not_forwarded_as_grpc(api: httpx.Client) -> None:
    refused = api.post("/api/tutor/sessions", headers={"content-type": "application/grpc"})
    assert refused.headers["grpc-status"] == str(grpc.StatusCode.UNIMPLEMENTED.value[0])


def test_native_grpc_calls_of_the_public_services_pass(channel: grpc.Channel, upstream: Upstream) -> None:
    upstream.answers["Connect"] = lambda request, _: tracking_pb2.ConnectResponse(session_id=request.session_id)
    stub = tracking_pb2_grpc.TrackingServiceStub(channel)
    answer = stub.Connect(tracking_pb2.ConnectRequest(session_id=5), metadata=tuple(bearer().items()))
    assert answer.session_id == 5


@pytest.mark.parametrize("path", ["//api//tutor//sessions/5", "/api/../api/tutor/sessions/5"])
def test_other_spellings_of_a_path_are_the_same_path(api: httpx.Client, upstream: Upstream, path: str) -> None:
    failure(api.get(path), 404)
    assert upstream.request.session_id == 5


def test_an_escaped_slash_is_refused(api: httpx.Client) -> None:
    assert reason(api.get("/api%2Ftutor/sessions"), 400) == "REQUEST_INVALID"
