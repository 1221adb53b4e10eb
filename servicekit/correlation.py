"""Which request is being served: log lines have its ids, and calls to other services pass them on.

The gateway makes `x-request-id` (docs/gateway.md); `traceparent` is W3C Trace Context's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final, NamedTuple

REQUEST_ID: Final = "x-request-id"
TRACEPARENT: Final = "traceparent"
#: Only what has this form is logged: callers who pass the gateway by could write anything else into a header.
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ID: Final = slice(3, 35)


class Correlation(NamedTuple):
    """The ids of a request; empty where it has none."""

    request_id: str = ""
    traceparent: str = ""

    @property
    def trace_id(self) -> str:
        """The trace that the request is part of."""
        return self.traceparent[_TRACE_ID]

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what to send with calls that are made for the request."""
        return tuple(pair for pair in ((REQUEST_ID, self.request_id), (TRACEPARENT, self.traceparent)) if pair[1])


#: Of the call that this task, or this thread, works for.
current_correlation: ContextVar[Correlation] = ContextVar("current_correlation", default=Correlation())  # noqa: B039 - immutable


def correlation_of(metadata: Iterable[tuple[str, str | bytes]]) -> Correlation:
    """Return the ids in the metadata of a call; what does not have their form counts as missing."""
    request_id = traceparent = ""
    for key, value in metadata:
        if key == REQUEST_ID and isinstance(value, str) and _UUID.fullmatch(value):
            request_id = value
        elif key == TRACEPARENT and isinstance(value, str) and _TRACEPARENT.fullmatch(value):
            traceparent = value
    return Correlation(request_id, traceparent)
