"""Rate, errors and duration of the calls of a gRPC server, by the names that gRPC's own Prometheus libraries use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import grpc
from grpc import StatusCode, aio
from prometheus_client import CollectorRegistry, Counter, Histogram

from servicekit.rpc.handlers import Continuation, Handler, surrounded

#: From a tenth of an answer that needs no database to the time after which the gateway gives up.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHOD: Final = ["grpc_service", "grpc_method"]
_NAMES: Final = {code.value[0]: code.name for code in StatusCode}


class CallMetrics(aio.ServerInterceptor):
    """Counts calls; it is the first interceptor, so that it sees what callers get."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is counted yet."""
        self._started = Counter("grpc_server_started", "Calls that began.", _METHOD, registry=registry)
        self._handled = Counter(
            "grpc_server_handled",
            "Calls that ended, by the status that the caller got.",
            [*_METHOD, "grpc_code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "grpc_server_handling_seconds",
            "How long calls took that have one request and one response.",
            _METHOD,
            buckets=BUCKETS,
            registry=registry,
        )

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Handler | None:
        """Wrap the method's handler; None for a method that does not exist, which has no label."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        _, service, method = handler_call_details.method.split("/")
        observe = self._unary if not (handler.request_streaming or handler.response_streaming) else self._counted
        return surrounded(handler, lambda context: observe(context, service, method))

    @contextmanager
    def _counted(self, context: aio.ServicerContext[Any, Any], service: str, method: str) -> Iterator[None]:
        self._started.labels(service, method).inc()
        code = StatusCode.UNKNOWN.name
        try:
            yield
            code = StatusCode.OK.name
        except aio.AbortError:
            code = _code(context)
            raise
        except asyncio.CancelledError:
            code = StatusCode.CANCELLED.name
            raise
        finally:
            self._handled.labels(service, method, code).inc()

    @contextmanager
    def _unary(self, context: aio.ServicerContext[Any, Any], service: str, method: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            with self._counted(context, service, method):
                yield
        finally:
            self._seconds.labels(service, method).observe(time.perf_counter() - began)


def _code(context: aio.ServicerContext[Any, Any]) -> str:
    # It is a number, whatever its type says.
    code: Any = context.code()
    return code.name if isinstance(code, StatusCode) else _NAMES.get(code, StatusCode.UNKNOWN.name)
