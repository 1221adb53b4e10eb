"""How a trace goes on from one process to the next: W3C Trace Context."""

from __future__ import annotations

from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from servicekit.correlation import TRACEPARENT, Correlation

_PROPAGATOR: Final = TraceContextTextMapPropagator()


def parent_of(correlation: Correlation) -> Context:
    """Return the span that a request came from, or an empty context: then a trace begins here."""
    return _PROPAGATOR.extract({TRACEPARENT: correlation.traceparent} if correlation.traceparent else {})


def current_traceparent() -> str:
    """Return what tells another process of the current span."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(TRACEPARENT, "")
