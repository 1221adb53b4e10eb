"""What a relay tells its user."""

from __future__ import annotations


class RelayError(Exception):
    """Anything a relay raises of its own."""


class RelayFull(RelayError):
    """The relay keeps as many unacknowledged events as it may; `await relay.room()`, or let this one go."""


class RelayClosed(RelayError):
    """The relay takes events inside its `async with` block only, and is used once."""


class RelayFailed(RelayError):
    """The relay has stopped, because the service answered something that no retry can heal."""

    def __init__(self, message: str, *, code: str, reason: str) -> None:
        """`code` is the gRPC code, `reason` that of google.rpc.ErrorInfo, empty where the answer carried none."""
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}: {message}" if reason else f"{code}: {message}")


class EventsUnacknowledged(RelayError):
    """The relay was left before everything was acknowledged; `relay.unacknowledged()` still has the events."""

    def __init__(self, count: int) -> None:
        """`count` events may or may not be recorded."""
        self.count = count
        super().__init__(f"{count} events are not acknowledged; `relay.unacknowledged()` still has them")
