"""What the presence socket counts and times for Prometheus (docs/metrics.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from websockets.frames import CloseCode

from gateway.presence_socket.client_addresses import RefusedAddresses
from gateway.presence_socket.protocol import CloseReason
from servicekit.metrics.limits import LimitsHit

#: The connection was lost without a close frame.
LOST: Final = int(CloseCode.ABNORMAL_CLOSURE)
#: Pages may close with any code; those that are no one's have one label together.
_KNOWN_CODES: Final = frozenset({*CloseCode, *(reason.code for reason in CloseReason)})
_OTHER: Final = "other"
#: Refused before a handshake, because too many wait for one.
QUEUE_FULL: Final = "QUEUE_FULL"
#: The same, because few file descriptors are left.
FILE_DESCRIPTORS: Final = "FILE_DESCRIPTORS"
#: Refused after it, because too many sockets without a token are open.
LEGACY_SOCKETS: Final = "LEGACY_SOCKETS"
#: Refused by an answer of HTTP, by its status.
REFUSED_HANDSHAKES: Final = {
    HTTPStatus.BAD_REQUEST: "HANDSHAKE_INVALID",
    HTTPStatus.FORBIDDEN: "ORIGIN_NOT_ALLOWED",
    HTTPStatus.NOT_FOUND: "PATH_UNKNOWN",
    HTTPStatus.UPGRADE_REQUIRED: "NO_HANDSHAKE",
}
#: The names of the limits in `limits_hit_total`.
_LIMITS: Final = {
    CloseReason.TOO_MANY_SOCKETS.name: "sockets_of_user",
    CloseReason.TOO_MANY_MESSAGES.name: "messages_of_socket",
    QUEUE_FULL: "waiting_handshakes",
    FILE_DESCRIPTORS: "file_descriptors",
    LEGACY_SOCKETS: "sockets_without_token",
}
#: From a commit at light load to the time for which events are kept during an outage.
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class SocketInstruments:
    """Of sockets, and of the time until pages know that they count as connected."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is counted yet."""
        self._limits = LimitsHit(registry, _LIMITS.values())
        self.opened = Counter("presence_socket_opened", "Sockets whose users were accepted.", registry=registry)
        self._closed = Counter(
            "presence_socket_closed",
            f"Sockets that ended, by close code; {LOST}: without a close frame.",
            ["code"],
            registry=registry,
        )
        self._refused = Counter(
            "presence_socket_refused",
            "Sockets that were refused, by reason (docs/presence-socket.md).",
            ["reason"],
            registry=registry,
        )
        self._addresses = RefusedAddresses()
        Gauge(
            "presence_socket_refused_addresses",
            "Client addresses that were refused sockets in the last minute, TOO_MANY_SOCKETS aside; at most 10,000.",
            registry=registry,
        ).set_function(self._addresses.count)
        self.confirm_seconds = Histogram(
            "presence_socket_confirm_seconds",
            "How long pages waited after a connect until it was committed.",
            buckets=_BUCKETS,
            registry=registry,
        )

    def note_closed(self, code: int) -> None:
        """Count a socket that ended."""
        self._closed.labels(code if code in _KNOWN_CODES else _OTHER).inc()

    def note_refused(self, reason: str, address: str) -> None:
        """Count a socket that was refused, and its client's address; empty: nobody knows it."""
        self._refused.labels(reason).inc()
        # One user's own fault.
        if address and reason != CloseReason.TOO_MANY_SOCKETS.name:
            self._addresses.note(address)
        self.note_limit(reason)

    def note_limit(self, reason: str) -> None:
        """Count a limit that was hit, if the reason is one."""
        if reason in _LIMITS:
            self._limits.count(_LIMITS[reason])


def show_state(
    registry: CollectorRegistry,
    *,
    connections: Callable[[], float],
    unconfirmed: Callable[[], float],
    stalled: Callable[[], timedelta],
) -> None:
    """Show as gauges what is true when somebody scrapes."""
    for name, help_text, value in (
        ("connections", "Sockets that are open and count for presence.", connections),
        (
            "events_unconfirmed",
            "Events that are kept because the tracking service has not acknowledged them.",
            unconfirmed,
        ),
        (
            "stalled_seconds",
            "For how long events have been kept without any acknowledgement; 0 if none waits.",
            lambda: stalled().total_seconds(),
        ),
    ):
        Gauge(f"presence_socket_{name}", help_text, registry=registry).set_function(value)
