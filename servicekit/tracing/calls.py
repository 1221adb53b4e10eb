"""Spans of gRPC calls, with the attributes of OpenTelemetry's semantic conventions for RPC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import grpc
from grpc import aio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from servicekit.correlation import TRACEPARENT, current_correlation
from servicekit.errors import DomainError
from servicekit.rpc.handlers import Handler, surrounded
from servicekit.rpc.interceptor import OPEN_METHOD_PREFIXES
from servicekit.rpc.status import code_of
from servicekit.tracing.propagation import current_traceparent, parent_of

#: Of these the server is at fault; others are the caller's.
_FAULTS: Final = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
    }
)


class TracedCalls:
    """Makes a span of each call; it comes after the interceptor that authenticates, so strangers make none.

    A stream is one span, whatever comes over it.
    """

    def __init__(self, tracer: Tracer) -> None:
        """Nothing is traced yet."""
        self._tracer = tracer

    def wrapped(self, handler: Handler, method: str) -> Handler:
        """Return a handler that makes spans; nobody wants to see health checks."""
        if method.startswith(OPEN_METHOD_PREFIXES):
            return handler
        return surrounded(handler, lambda _context: self._traced(method))

    @contextmanager
    def _traced(self, method: str) -> Iterator[None]:
        correlation = current_correlation.get()
        with self._tracer.start_as_current_span(
            method.removeprefix("/"),
            context=parent_of(correlation),
            kind=SpanKind.SERVER,
            attributes={**_attributes(method), "request_id": correlation.request_id},
            # It would have the error's message.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            current_correlation.set(correlation._replace(traceparent=current_traceparent()))
            try:
                yield
            except DomainError as error:
                _note(span, code_of(error), faults=_FAULTS)
                raise
            except asyncio.CancelledError:
                _note(span, grpc.StatusCode.CANCELLED, faults=_FAULTS)
                raise
            except Exception:
                _note(span, grpc.StatusCode.INTERNAL, faults=_FAULTS)
                raise
            _note(span, grpc.StatusCode.OK, faults=_FAULTS)


class TracedClientCalls(aio.UnaryUnaryClientInterceptor):
    """Makes a span of each call to another service, and tells that service of it."""

    def __init__(self, tracer: Tracer) -> None:
        """Nothing is traced yet."""
        self._tracer = tracer

    async def intercept_unary_unary(
        self,
        continuation: Any,  # noqa: ANN401 - gRPC's own types are not those of what it passes
        client_call_details: aio.ClientCallDetails,
        request: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Make the call inside its span."""
        # Bytes, whatever its type says.
        name: Any = client_call_details.method
        method = name.decode() if isinstance(name, bytes) else str(name)
        with self._tracer.start_as_current_span(
            method.removeprefix("/"),
            kind=SpanKind.CLIENT,
            attributes=_attributes(method),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            call = await continuation(_with_traceparent(client_call_details), request)
            code = await call.code()
            _note(span, code, faults=frozenset(grpc.StatusCode) - {grpc.StatusCode.OK})
            return call


def _attributes(method: str) -> dict[str, str]:
    _, service, name = method.split("/")
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}


def _note(span: Span, code: grpc.StatusCode, *, faults: frozenset[grpc.StatusCode]) -> None:
    span.set_attribute("rpc.grpc.status_code", code.value[0])
    if code in faults:
        span.set_status(Status(StatusCode.ERROR, code.name))


def _with_traceparent(details: aio.ClientCallDetails) -> aio.ClientCallDetails:
    kept = [pair for pair in details.metadata or () if pair[0] != TRACEPARENT]
    return aio.ClientCallDetails(
        method=details.method,
        timeout=details.timeout,
        metadata=aio.Metadata(*kept, (TRACEPARENT, current_traceparent())),
        credentials=details.credentials,
        wait_for_ready=details.wait_for_ready,
    )
