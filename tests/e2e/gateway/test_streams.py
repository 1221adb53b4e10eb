"""Streams through the gateway: server-sent events for watchers, native gRPC for relays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import grpc
import httpx
import pytest

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import bearer, gateway_settings
from tests.e2e.gateway.upstream import Upstream

WATCH = "/api/whiteboard/sessions/5/connection-status/watch"
#: Generous: only a broken gateway takes so long.
LIMIT_SECONDS = 60.0


def state(*, tutor_connected: bool) -> tracking_pb2.WatchConnectionStatusResponse:
    status = tracking_pb2.GetConnectionStatusResponse(session_id=5, tutor_connected=tutor_connected)
    return tracking_pb2.WatchConnectionStatusResponse(status=status)


def test_watching_gives_server_sent_events(api: httpx.Client, upstream: Upstream) -> None:
    upstream.answers["WatchConnectionStatus"] = lambda _request, _context: iter(
        [state(tutor_connected=False), state(tutor_connected=True)]
    )
    answer = api.get(WATCH)
    assert answer.headers["content-type"] == "text/event-stream"
    events = answer.text.split("\n\n")
    assert events[0].startswith('data: {"status":{"session_id":5,"tutor_connected":false,')
    assert events[1].startswith('data: {"status":{"session_id":5,"tutor_connected":true,')
    assert events[2:] == [""]


def test_a_stream_outlives_the_time_limit_of_unary_calls(api: httpx.Client, upstream: Upstream) -> None:
    unary_call_timed_out = threading.Event()

    def watched(_request: object, _context: grpc.ServicerContext) -> Iterator[object]:
        yield state(tutor_connected=False)
        unary_call_timed_out.wait(LIMIT_SECONDS)
        yield state(tutor_connected=True)

    def never(_request: object, context: grpc.ServicerContext) -> None:
        gone = threading.Event()
        context.add_callback(gone.set)
        gone.wait()

    upstream.answers["WatchConnectionStatus"] = watched
    upstream.answers["GetSession"] = never
    with api.stream("GET", WATCH, timeout=LIMIT_SECONDS) as stream:
        lines = stream.iter_lines()
        assert '"tutor_connected":false' in next(lines)
        assert reason(api.get("/api/tutor/sessions/5", timeout=LIMIT_SECONDS), 504) == "SERVICE_TOO_SLOW"
        unary_call_timed_out.set()
        assert next(lines) == ""
        assert '"tutor_connected":true' in next(lines)


def test_each_event_arrives_when_it_is_sent(api: httpx.Client, upstream: Upstream) -> None:
    first_was_read = threading.Event()

    def watched(_request: object, _context: grpc.ServicerContext) -> Iterator[object]:
        yield state(tutor_connected=False)
        assert first_was_read.wait(LIMIT_SECONDS)
        yield state(tutor_connected=True)

    upstream.answers["WatchConnectionStatus"] = watched
    with api.stream("GET", WATCH, timeout=LIMIT_SECONDS, headers={"accept-encoding": "gzip"}) as stream:
        lines = stream.iter_lines()
        assert '"tutor_connected":false' in next(lines)
        first_was_read.set()
        assert '"tutor_connected":true' in "".join(lines)


def test_a_refused_watch_is_a_plain_failure(api: httpx.Client, upstream: Upstream) -> None:
    assert "WatchConnectionStatus" not in upstream.answers
    assert reason(api.get(WATCH), 404) == "NOT_FOUND"


def test_a_relay_streams_events_and_reads_acks_in_turn(channel: grpc.Channel, upstream: Upstream) -> None:
    def acknowledge(
        requests: Iterator[tracking_pb2.StreamHeartbeatsRequest], _context: grpc.ServicerContext
    ) -> Iterator[tracking_pb2.StreamHeartbeatsResponse]:
        for request in requests:
            ack = tracking_pb2.StreamAck(committed_sequence=request.event.sequence)
            yield tracking_pb2.StreamHeartbeatsResponse(ack=ack)

    upstream.answers["StreamHeartbeats"] = acknowledge
    acknowledged = [threading.Event() for _ in range(3)]

    def events() -> Iterator[tracking_pb2.StreamHeartbeatsRequest]:
        for number, ready in enumerate(acknowledged, start=1):
            yield tracking_pb2.StreamHeartbeatsRequest(event=tracking_pb2.PresenceEvent(sequence=number))
            assert ready.wait(LIMIT_SECONDS)

    stub = tracking_pb2_grpc.TrackingServiceStub(channel)
    answers = stub.StreamHeartbeats(events(), metadata=tuple(bearer().items()))
    for number, ready in enumerate(acknowledged, start=1):
        assert next(answers).ack.committed_sequence == number
        ready.set()


def test_a_batch_larger_than_the_limit_of_json_bodies_passes_on_a_stream(
    channel: grpc.Channel, upstream: Upstream
) -> None:
    upstream.answers["StreamHeartbeats"] = lambda requests, _context: (
        tracking_pb2.StreamHeartbeatsResponse(ack=tracking_pb2.StreamAck(committed_sequence=len(request.batch.events)))
        for request in requests
    )
    events = [tracking_pb2.PresenceEvent(sequence=number, connection_id="x" * 64) for number in range(1, 1001)]
    batch = tracking_pb2.StreamHeartbeatsRequest(batch=tracking_pb2.PresenceEventBatch(events=events))
    stub = tracking_pb2_grpc.TrackingServiceStub(channel)
    answers = list(stub.StreamHeartbeats(iter([batch]), metadata=tuple(bearer().items())))
    assert answers[0].ack.committed_sequence == 1000


@pytest.fixture(scope="module")
def short_timeout_gateway(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that ends requests on which nothing happens for little more than a second."""
    settings = gateway_settings(shared_upstream, GATEWAY_TIMEOUT_SECONDS="0.2")
    with running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway:
        gateway.wait_until_healthy()
        yield gateway


def stand_still(gateway: Gateway) -> str:
    """Send half a request and return the answer that comes in the end."""
    head = "POST /api/whiteboard/sessions/5/connect HTTP/1.1\r\nhost: gateway\r\ncontent-length: 100\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), LIMIT_SECONDS) as connection:
        connection.sendall(f"{head}authorization: {bearer()['authorization']}\r\n\r\n{{".encode())
        return connection.makefile().read()


def test_a_request_on_which_nothing_happens_is_ended(short_timeout_gateway: Gateway) -> None:
    answer = stand_still(short_timeout_gateway)
    assert answer.startswith("HTTP/1.1 408")
    assert "REQUEST_TOO_SLOW" in answer


def test_a_watcher_without_events_is_not_ended(short_timeout_gateway: Gateway, upstream: Upstream) -> None:
    others_were_ended = threading.Event()

    def watched(_request: object, _context: grpc.ServicerContext) -> Iterator[object]:
        yield state(tutor_connected=False)
        others_were_ended.wait(LIMIT_SECONDS)
        yield state(tutor_connected=True)

    upstream.answers["WatchConnectionStatus"] = watched
    with httpx.stream("GET", f"{short_timeout_gateway.url}{WATCH}", headers=bearer(), timeout=LIMIT_SECONDS) as stream:
        lines = stream.iter_lines()
        assert '"tutor_connected":false' in next(lines)
        stand_still(short_timeout_gateway)
        others_were_ended.set()
        assert '"tutor_connected":true' in "".join(lines)


def test_a_relay_without_events_is_not_ended(short_timeout_gateway: Gateway, upstream: Upstream) -> None:
    others_were_ended = threading.Event()
    upstream.answers["StreamHeartbeats"] = lambda requests, _context: (
        tracking_pb2.StreamHeartbeatsResponse(ack=tracking_pb2.StreamAck(committed_sequence=request.event.sequence))
        for request in requests
    )

    def events() -> Iterator[tracking_pb2.StreamHeartbeatsRequest]:
        yield tracking_pb2.StreamHeartbeatsRequest(event=tracking_pb2.PresenceEvent(sequence=1))
        others_were_ended.wait(LIMIT_SECONDS)
        yield tracking_pb2.StreamHeartbeatsRequest(event=tracking_pb2.PresenceEvent(sequence=2))

    with grpc.insecure_channel(short_timeout_gateway.address) as channel:
        stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        answers = stub.StreamHeartbeats(events(), metadata=tuple(bearer().items()))
        assert next(answers).ack.committed_sequence == 1
        stand_still(short_timeout_gateway)
        others_were_ended.set()
        assert [answer.ack.committed_sequence for answer in answers] == [2]
