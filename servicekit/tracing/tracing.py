"""The traces of one process: a span for each call that it serves or makes, or for each socket.

No span has what a caller sent, but for the name of the method: neither parameters of statements, nor metadata, nor the
message of an error.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Final

from grpc import aio
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)

from servicekit.rpc.handlers import Interceptor
from servicekit.tracing.calls import TracedCalls, TracedClientCalls
from servicekit.tracing.settings import TracingSettings
from servicekit.tracing.sockets import SocketSpans

#: At a stop, how long the last spans may take to be sent. Without them a trace ends a little early.
MAX_STOP_SECONDS: Final = 1.0


class Tracing:
    """Sends spans to the collector in the background; while it is away they are dropped."""

    def __init__(self, settings: TracingSettings, service: str) -> None:
        """`service` is what traces call this process. Nothing is sent yet."""
        self._provider = TracerProvider(
            sampler=_sampler(settings),
            resource=Resource.create({"service.name": service}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=settings.otel_exporter_otlp_endpoint)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        #: What makes spans.
        self.tracer = self._provider.get_tracer("astegni")

    def server_interceptor(self) -> Interceptor:
        """Return an interceptor for calls that are authenticated."""
        return TracedCalls(self.tracer)

    def client_interceptors(self) -> list[aio.ClientInterceptor]:
        """Return interceptors for calls that this process makes."""
        return [TracedClientCalls(self.tracer)]

    def socket_spans(self) -> SocketSpans:
        """Return what makes spans of sockets."""
        return SocketSpans(self.tracer)

    async def stop(self) -> None:
        """Send the last spans, for a limited time."""
        # A daemon, because the exporter may go on trying for longer.
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, MAX_STOP_SECONDS)


def _sampler(settings: TracingSettings) -> Sampler:
    name: Any = settings.otel_traces_sampler
    if name.endswith("always_off"):
        root: Sampler = ALWAYS_OFF
    elif name.endswith("traceidratio"):
        root = TraceIdRatioBased(settings.otel_traces_sampler_arg)
    else:
        root = ALWAYS_ON
    return ParentBased(root) if name.startswith("parentbased_") else root
