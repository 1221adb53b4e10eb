"""A collector of OpenTelemetry traces: the real service that exporters call, which keeps what it gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc

#: Generous: only a span that is never sent takes this long.
_MAX_WAIT_SECONDS = 60


class Span(NamedTuple):
    """What tests look at."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str]
    events: tuple[str, ...]


class TraceCollector(service_grpc.TraceServiceServicer):
    """Takes spans in."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[service.ExportTraceServiceRequest] = []
        self.port = 0

    def Export(  # noqa: N802 - the name in the contract
        self,
        request: service.ExportTraceServiceRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> service.ExportTraceServiceResponse:
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()
        return service.ExportTraceServiceResponse()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def text(self) -> str:
        """Return everything that came, as text."""
        with self._changed:
            return "\n".join(map(str, self._requests))

    def spans(self) -> list[Span]:
        with self._changed:
            return [
                Span(
                    service=_attributes(of_process.resource)["service.name"],
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    attributes=_attributes(span),
                    events=tuple(event.name for event in span.events),
                )
                for request in self._requests
                for of_process in request.resource_spans
                for scope in of_process.scope_spans
                for span in scope.spans
            ]

    def wait_for(self, condition: Callable[[list[Span]], bool]) -> list[Span]:
        """Return all spans once a condition on them holds; AssertionError if it never does."""
        deadline = time.monotonic() + _MAX_WAIT_SECONDS
        while not condition(spans := self.spans()):
            assert time.monotonic() < deadline, f"these spans came: {spans}"
            with self._changed:
                self._changed.wait(1)
        return spans


def _attributes(holder: object) -> dict[str, str]:
    attributes = getattr(holder, "attributes", ())
    return {one.key: one.value.string_value or str(one.value.int_value) for one in attributes}


@contextmanager
def running_collector() -> Iterator[TraceCollector]:
    """Run one on a free port until the end of the block."""
    collector = TraceCollector()
    server = grpc.server(ThreadPoolExecutor(2))
    service_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call] # generated
    collector.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
