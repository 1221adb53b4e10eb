"""Rate, errors and duration of the calls of a gRPC server, by the names that gRPC's own Prometheus libraries use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from grpc import StatusCode, aio
from prometheus_client import CollectorRegistry, Counter, Histogram

from servicekit.rpc.handlers import Handler, Surround, surrounded

#: From a tenth of an answer that needs no database to the time after which the gateway gives up.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHOD: Final = ["grpc_service", "grpc_method"]
_NAMES: Final = {code.value[0]: code.name for code in StatusCode}


class CallMetrics:
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

    def wrapped(self, handler: Handler, method: str) -> Handler:
        """Return a handler whose calls are counted."""
        return surrounded(handler, self._counted(handler, method))

    def _counted(self, handler: Handler, method: str) -> Surround:
        _, *labels = method.split("/")
        is_unary = not (handler.request_streaming or handler.response_streaming)
        counts = _Counts(
            started=self._started.labels(*labels),
            succeeded=self._handled.labels(*labels, StatusCode.OK.name),
            ended=lambda code: self._handled.labels(*labels, code),
            seconds=self._seconds.labels(*labels) if is_unary else None,
        )
        return lambda context: _CountedCall(context, counts)


class _Counts(NamedTuple):
    """Those of one method."""

    started: Counter
    succeeded: Counter
    #: The count of a status.
    ended: Callable[[str], Counter]
    seconds: Histogram | None


class _CountedCall:
    """Counts one call. It is made for each, so it is no generator, which would cost more."""

    __slots__ = ("_began", "_context", "_counts")

    def __init__(self, context: aio.ServicerContext[Any, Any], counts: _Counts) -> None:
        self._context = context
        self._counts = counts
        self._began = 0.0

    def __enter__(self) -> None:
        self._counts.started.inc()
        self._began = time.perf_counter()

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        counts = self._counts
        if counts.seconds is not None:
            counts.seconds.observe(time.perf_counter() - self._began)
        if kind is None:
            counts.succeeded.inc()
        else:
            counts.ended(self._code(kind)).inc()

    def _code(self, kind: type[BaseException]) -> str:
        if issubclass(kind, asyncio.CancelledError):
            return StatusCode.CANCELLED.name
        if not issubclass(kind, aio.AbortError):
            return StatusCode.UNKNOWN.name
        # It is a number, whatever its type says.
        code: Any = self._context.code()
        return code.name if isinstance(code, StatusCode) else _NAMES.get(code, StatusCode.UNKNOWN.name)
