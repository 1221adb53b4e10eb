"""Every failure is google.rpc.Status as JSON, whether a service or the gateway itself reports it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import httpx
import pytest

from astegni.attendance.v1 import attendance_pb2
from astegni.attendance.v1.attendance_pb2 import Session
from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.errors import DomainError, FieldViolation, InvalidArgument, PermissionDenied, Unavailable
from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.answers import failure, reason
from tests.e2e.gateway.conftest import TIMEOUT_SECONDS, bearer, gateway_settings
from tests.e2e.gateway.samples import session
from tests.e2e.gateway.upstream import Upstream, fail

SESSION = "/api/tutor/sessions/5"
CONNECT = "/api/whiteboard/sessions/5/connect"
APPLY = "/api/tutor/sessions:applySuggestions"
#: Between two bytes of a slow body: far less than the limit for silence.
SLOW_BYTE_SECONDS = 0.5
LIMIT_BYTES = 65_536
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retry_delay": "1s"}


def answer_with(upstream: Upstream, error: DomainError) -> None:
    upstream.answers["GetSession"] = lambda _request, context: fail(context, error)


def until_released(_request: object, context: grpc.ServicerContext) -> None:
    """Answer nothing until the caller gives up."""
    gone = threading.Event()
    context.add_callback(gone.set)
    gone.wait()


def test_the_services_own_errors_keep_their_code_and_error_info(api: httpx.Client, upstream: Upstream) -> None:
    answer_with(upstream, PermissionDenied("This session is not yours.", metadata={"session_id": "5"}))
    answer = failure(api.get(SESSION), 403)
    assert (answer["code"], answer["message"]) == (7, "This session is not yours.")
    assert answer["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "PERMISSION_DENIED",
            "domain": "test.astegni",
            "metadata": {"session_id": "5"},
        }
    ]


def test_field_violations_are_visible(api: httpx.Client, upstream: Upstream) -> None:
    answer_with(upstream, InvalidArgument(FieldViolation("session_id", "must be positive")))
    violation = failure(api.get(SESSION), 400)["details"][1]["field_violations"][0]
    assert (violation["field"], violation["description"]) == ("session_id", "must be positive")


def test_the_retry_delay_of_a_service_is_visible(api: httpx.Client, upstream: Upstream) -> None:
    answer_with(upstream, Unavailable())
    assert RETRY_INFO in failure(api.get(SESSION), 503)["details"]


def test_a_body_above_the_limit_is_refused_with_the_limit(api: httpx.Client) -> None:
    refused = api.post(CONNECT, json={"connection_id": "x" * LIMIT_BYTES})
    assert reason(refused, 413) == "REQUEST_TOO_LARGE"
    assert "64 KiB" in refused.json()["message"]


def test_a_body_above_the_limit_without_a_declared_length_is_refused(api: httpx.Client) -> None:
    def pieces() -> object:
        yield b'{"connection_id": "'
        for _ in range(LIMIT_BYTES // 1024 + 1):
            yield b"x" * 1024
        yield b'"}'

    assert reason(api.post(CONNECT, content=pieces()), 413) == "REQUEST_TOO_LARGE"  # type: ignore[arg-type]


def test_a_body_just_below_the_limit_passes(api: httpx.Client, upstream: Upstream) -> None:
    upstream.answers["Connect"] = lambda _request, _context: tracking_pb2.ConnectResponse()
    body = b'{"connection_id": "%s"}'
    padded = body % (b"x" * (LIMIT_BYTES - len(body) + 2))
    assert len(padded) == LIMIT_BYTES
    assert api.post(CONNECT, content=padded).status_code == httpx.codes.OK


def test_a_service_that_does_not_answer_in_time_is_reported_as_504(api: httpx.Client, upstream: Upstream) -> None:
    upstream.answers["GetSession"] = until_released
    refused = api.get(SESSION, timeout=30)
    assert failure(refused, 504)["code"] == 4
    assert reason(refused, 504) == "SERVICE_TOO_SLOW"


def test_a_grpc_client_gets_deadline_exceeded_for_a_timeout(channel: grpc.Channel, upstream: Upstream) -> None:
    upstream.answers["Connect"] = until_released
    with pytest.raises(grpc.RpcError) as refused:
        tracking_pb2_grpc.TrackingServiceStub(channel).Connect(
            tracking_pb2.ConnectRequest(), metadata=tuple(bearer().items())
        )
    assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "did not answer in time" in str(refused.value.details())


@pytest.fixture(scope="module")
def gateway_without_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose services are down."""
    upstream = Upstream()
    upstream.start()
    with running_gateway(tmp_path_factory.mktemp("gateway"), gateway_settings(upstream)) as gateway:
        upstream.stop()
        yield gateway


def test_a_service_that_is_down_is_reported_as_503_with_a_retry(gateway_without_services: Gateway) -> None:
    refused = httpx.get(f"{gateway_without_services.url}{SESSION}", headers=bearer())
    answer = failure(refused, 503)
    assert answer["code"] == 14
    assert RETRY_INFO in answer["details"]
    assert refused.headers["retry-after"] == "1"


def test_a_grpc_client_gets_unavailable_without_envoys_words_if_a_service_is_down(
    gateway_without_services: Gateway,
) -> None:
    address = gateway_without_services.address
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as refused:
        tracking_pb2_grpc.TrackingServiceStub(channel).Connect(
            tracking_pb2.ConnectRequest(), metadata=tuple(bearer().items())
        )
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert refused.value.details() == "The service can't be reached at the moment; retry."


def test_requests_above_the_rate_are_refused_with_429_and_a_retry(tmp_path: Path, own_upstream: Upstream) -> None:
    settings = gateway_settings(own_upstream, GATEWAY_REQUESTS_PER_SECOND="1")
    with (
        running_gateway(tmp_path, settings) as gateway,
        httpx.Client(base_url=gateway.url, headers=bearer()) as client,
    ):
        # One request a second is allowed: at least one of a quick burst is refused.
        refused = next(answer for answer in (client.get(SESSION) for _ in range(1000)) if answer.status_code == 429)
    answer = failure(refused, 429)
    assert answer["code"] == 8
    assert RETRY_INFO in answer["details"]
    assert refused.headers["retry-after"] == "1"


def test_a_body_that_arrives_too_slowly_is_refused_although_it_never_stops(gateway: Gateway) -> None:
    headers = {"host": "test", "content-length": "999", **bearer()}
    head = "\r\n".join([f"POST {CONNECT} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=SLOW_BYTE_SECONDS) as connection:
        connection.sendall(head.encode())
        answer = b""
        while not answer:
            connection.sendall(b" ")
            with suppress(TimeoutError):
                answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"REQUEST_TOO_SLOW" in answer


@pytest.mark.parametrize("size", [8192, 9000, 12_000, 16_000, 61_440])
def test_headers_above_the_limit_are_refused_with_the_limit(api: httpx.Client, size: int) -> None:
    refused = api.get(SESSION, headers={"x-large": "x" * size})
    assert reason(refused, 431) == "HEADERS_TOO_LARGE"
    assert "8 KiB" in refused.json()["message"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grpc-timeout", "1n"),
        ("grpc-encoding", "gzip"),
        ("x-any-bin", "%"),
        ("cookie", "a=b"),
        ("x-percent-%", "a"),
        ("x-plus+", "a"),
    ],
)
def test_headers_that_a_service_would_misunderstand_do_not_reach_it(
    api: httpx.Client, upstream: Upstream, name: str, value: str
) -> None:
    seconds: list[float] = []

    def answer(_request: object, context: grpc.ServicerContext) -> Session:
        seconds.append(context.time_remaining())
        return session()

    upstream.answers["GetSession"] = answer
    assert api.get(SESSION, headers={name: value}).status_code == httpx.codes.OK
    assert seconds[0] > TIMEOUT_SECONDS
    assert name not in upstream.metadata


def test_accepting_everything_needs_a_body(api: httpx.Client) -> None:
    for refused in (api.post(APPLY), api.post(APPLY, content=iter([]))):
        assert reason(refused, 400) == "BODY_MISSING"


@pytest.mark.parametrize("body", [b"{}", iter([b"{", b"}"])], ids=["sent at once", "sent in pieces"])
def test_an_empty_object_accepts_everything(api: httpx.Client, upstream: Upstream, body: bytes) -> None:
    upstream.answers["ApplySuggestions"] = lambda _request, _context: attendance_pb2.ApplySuggestionsResponse()
    assert api.post(APPLY, content=body).status_code == httpx.codes.OK


def test_a_header_with_an_underscore_is_refused(api: httpx.Client) -> None:
    assert reason(api.get(SESSION, headers={"x_request_id": "1"}), 400) == "REQUEST_INVALID"


def test_failures_do_not_name_the_software_of_the_gateway(stranger: httpx.Client) -> None:
    refused = stranger.get(SESSION)
    assert "envoy" not in str(refused.headers).lower() + refused.text.lower()
