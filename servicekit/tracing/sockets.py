"""Spans of WebSockets: one for each, from the handshake to its end (docs/traces.md)."""

from __future__ import annotations

from typing import Final

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from servicekit.correlation import current_correlation
from servicekit.tracing.propagation import parent_of

#: Close codes from 1011 to 1014 say that the server is at fault, but for its restart (RFC 6455, IANA's registry).
_FAULTS: Final = frozenset({1011, 1013, 1014})


class SocketSpans:
    """Makes a span of each socket whose user was accepted, so strangers make none."""

    def __init__(self, tracer: Tracer) -> None:
        """Nothing is traced yet."""
        self._tracer = tracer

    def begin(self, route: str) -> SocketSpan:
        """Begin the span of a socket; `route` is its path with placeholders in place of ids."""
        correlation = current_correlation.get()
        return SocketSpan(
            self._tracer.start_span(
                f"GET {route}",
                context=parent_of(correlation),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": "GET", "http.route": route, "request_id": correlation.request_id},
            )
        )


class SocketSpan:
    """That of one socket."""

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        """Take over a span that has begun."""
        self._span = span

    def note(self, event: str) -> None:
        """Note when something happened."""
        self._span.add_event(event)

    def end(self, close_code: int) -> None:
        """End it; the code is that of the side that began to close."""
        self._span.set_attribute("websocket.close_code", close_code)
        if close_code in _FAULTS:
            self._span.set_status(Status(StatusCode.ERROR, str(close_code)))
        self._span.end()
