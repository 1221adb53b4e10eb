"""The errors that a relay raises."""

from __future__ import annotations


class RelayError(Exception):
    """Base class of all errors of a relay."""


class RelayFull(RelayError):
    """The relay keeps its maximum of unacknowledged events; `await relay.room()`, or drop this event."""


class RelayClosed(RelayError):
    """The relay takes events only inside its `async with` block, and only once."""


class RelayFailed(RelayError):
    """The relay has stopped, because the service returned an error that no retry can heal."""

    def __init__(self, message: str, *, code: str, reason: str) -> None:
        """`code` is the gRPC code, `reason` that of google.rpc.ErrorInfo, empty if the error has none."""
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}: {message}" if reason else f"{code}: {message}")


class EventsUnacknowledged(RelayError):
    """The block ended before all events were acknowledged; `relay.unacknowledged()` still has them."""

    def __init__(self, count: int) -> None:
        """`count` events may or may not be recorded."""
        self.count = count
        super().__init__(f"{count} events are not acknowledged; `relay.unacknowledged()` still has them")
