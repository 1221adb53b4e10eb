"""One trace from Envoy through both services to SQL, or to a socket, and log lines that name it (docs/traces.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from development.postgres import EmbeddedPostgres
from testkit.envoy import Gateway, running_gateway
from testkit.postgres import fresh_database
from testkit.presence_socket_process import presence_socket_process
from testkit.service_process import ServiceProcess, attendance_process, tracking_process
from testkit.tokens import SECRET, metadata, token
from testkit.trace_collector import Span, TraceCollector, running_collector
from testkit.whiteboard_pages import Page, connected_page, open_page
from testkit.whiteboard_sessions import STUDENT, add_whiteboard_session

ADMIN = 1
REPORT = "/api/reports/whiteboard-engagement"
TRACKING_CALL = "astegni.tracking.v1.PresenceQueryService/ListTutorEngagement"
ATTENDANCE_CALL = "astegni.attendance.v1.AttendanceService/ListWhiteboardEngagement"
SEARCHED_NAME = "Abebech"


@dataclass(frozen=True, kw_only=True)
class Stack:
    collector: TraceCollector
    tracking: ServiceProcess
    attendance: ServiceProcess
    socket: ServiceProcess
    gateway: Gateway
    #: A whiteboard session that has only STUDENT.
    session_id: int

    def get(self, path: str, **headers: str) -> httpx.Response:
        with self.gateway.client() as client:
            return client.get(path, headers={**dict(metadata(token(ADMIN, "admin"))), **headers})


@pytest.fixture(scope="module")
def stack(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("traces")
    with running_collector() as collector, fresh_database(postgres_server, template=migrated_template) as database:
        # Spans are sent at once, and not every few seconds.
        traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with (
            tracking_process(database, directory / "tracking.log", **traces) as tracking,
            attendance_process(database, tracking.address, directory / "attendance.log", **traces) as attendance,
            presence_socket_process(
                tracking.address, directory / "socket.log", LOG_LEVEL="debug", MAX_SOCKETS_PER_USER="1", **traces
            ) as socket,
        ):
            addresses = {
                "TRACKING_ADDRESS": tracking.address,
                "ATTENDANCE_ADDRESS": attendance.address,
                "SOCKET_ADDRESS": socket.address,
            }
            settings = {"JWT_HS256_SECRET": SECRET, **addresses, **traces}
            with running_gateway(directory / "gateway", settings) as gateway:
                gateway.wait_until_healthy()
                yield Stack(
                    collector=collector,
                    tracking=tracking,
                    attendance=attendance,
                    socket=socket,
                    gateway=gateway,
                    session_id=add_whiteboard_session(database),
                )


def ancestors(span: Span, spans: list[Span]) -> list[str]:
    """Return the services of a span and of those above it."""
    by_id = {one.span_id: one for one in spans}
    services = [span.service]
    while span.parent_id:
        span = by_id[span.parent_id]
        services.append(span.service)
    return services


def test_a_trace_leads_from_the_gateway_through_both_services_to_sql(stack: Stack) -> None:
    answer = stack.get(REPORT)
    assert answer.status_code == httpx.codes.OK
    request_id = answer.headers["x-request-id"]

    def of_request(spans: list[Span]) -> list[Span]:
        served = [one for one in spans if one.attributes.get("request_id") == request_id]
        trace_ids = {one.trace_id for one in served}
        return [one for one in spans if one.trace_id in trace_ids]

    spans = of_request(
        stack.collector.wait_for(
            lambda spans: (
                {"gateway", "attendance_service", "tracking_service"} <= {one.service for one in of_request(spans)}
                and any(one.name == TRACKING_CALL and one.service == "attendance_service" for one in of_request(spans))
            )
        )
    )
    assert len({one.trace_id for one in spans}) == 1
    statements = [one for one in spans if one.name == "SELECT" and one.service == "tracking_service"]
    assert statements
    assert {one.name for one in spans if "db.query.text" in one.attributes} <= {"SELECT", "UPDATE", "INSERT", "WITH"}
    for statement in statements:
        assert statement.attributes["db.query.text"].startswith("SELECT")
        assert ancestors(statement, spans) == [
            "tracking_service",
            "tracking_service",
            "attendance_service",
            "attendance_service",
            "gateway",
        ]


def test_no_span_has_a_token_or_what_somebody_searched_for(stack: Stack) -> None:
    answer = stack.get(f"/api/tutor/sessions?search={SEARCHED_NAME}")
    assert answer.status_code == httpx.codes.OK
    request_id = answer.headers["x-request-id"]
    stack.collector.wait_for(
        lambda spans: (
            request_id in {one.attributes.get("guid:x-request-id") for one in spans}
            and request_id in {one.attributes.get("request_id") for one in spans}
        )
    )
    text = stack.collector.text()
    assert SEARCHED_NAME not in text
    assert "eyJ" not in text


def test_a_client_can_neither_join_nor_begin_a_trace(stack: Stack) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    answer = stack.get(REPORT, traceparent=f"00-{trace_id}-b7ad6b7169203331-01")
    request_id = answer.headers["x-request-id"]
    spans = stack.collector.wait_for(
        lambda spans: request_id in {one.attributes.get("guid:x-request-id") for one in spans}
    )
    assert trace_id not in {one.trace_id for one in spans}


async def test_a_socket_is_one_span_from_the_gateway_to_its_close_code(stack: Stack) -> None:
    async with connected_page(stack.gateway.port, stack.session_id, token(STUDENT, "student")) as page:
        request_id = request_id_of(page)
        # The second one is refused, which is in no trace but in the log.
        async with open_page(stack.gateway.port, stack.session_id, token(STUDENT, "student")) as second:
            await second.wait_closed()
            refused_id = request_id_of(second)
    spans = await asyncio.to_thread(
        stack.collector.wait_for,
        lambda spans: {"gateway", "presence_socket"} <= {one.service for one in spans if is_of(one, request_id)},
    )
    [socket] = [one for one in spans if one.service == "presence_socket"]
    assert socket.name == "GET /ws/whiteboard/{session_id}"
    assert socket.attributes["websocket.close_code"] == "1000"
    assert socket.events == ("connected",)
    assert ancestors(socket, spans) == ["presence_socket", "gateway"]
    lines = [json.loads(line) for line in stack.socket.log().splitlines()]
    logged = {one["request_id"]: one for one in lines if one["logger"] == "gateway.presence_socket.handler"}
    assert (logged[request_id]["close_code"], logged[request_id]["trace_id"]) == (1000, socket.trace_id)
    assert logged[refused_id]["reason"] == "TOO_MANY_SOCKETS"


def request_id_of(page: Page) -> str:
    """Return the id that the gateway gave to the request by which a page opened its socket."""
    answer = page.connection.response
    assert answer is not None
    return answer.headers["x-request-id"]


def is_of(span: Span, request_id: str) -> bool:
    """Return whether a span has the id of a request, as Envoy or our processes name it."""
    return request_id in {span.attributes.get("guid:x-request-id"), span.attributes.get("request_id")}


def test_log_lines_of_a_call_have_its_request_and_its_trace(stack: Stack) -> None:
    stack.tracking.kill()
    answer = stack.get(REPORT)
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    lines = [json.loads(line) for line in stack.attendance.log().splitlines()]
    [line] = [one for one in lines if one.get("request_id") == answer.headers["x-request-id"]]
    assert line["message"] == "the tracking service returned no facts"
    stack.collector.wait_for(lambda spans: line["trace_id"] in {one.trace_id for one in spans})
