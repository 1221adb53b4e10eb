"""Whether anything comes through the gateway: while it stands still, no page can be seen.

See docs/presence.md#the-gateway.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from heartbeat_relay import HeartbeatRelay
from servicekit.gateway_probe import max_silence_seconds

#: How long after a silence messages may still arrive that the gateway held back. The next sign of life of a page comes
#: later.
CATCH_UP = timedelta(seconds=1)
#: What arrives before a silence has an earlier time than what arrives after it.
SEPARATION = timedelta(milliseconds=1)


class GatewayWatch:
    """Reports an observation gap after each time in which nothing came through the gateway, not even a probe's answer.

    It begins with the first answer to a probe: without a probe, silence only means that pages are silent.
    """

    def __init__(self, relay: HeartbeatRelay) -> None:
        """`relay` knows the presence timeout, and whether this process itself stood still."""
        self._relay = relay
        #: When something last came through the gateway; None before the first answer.
        self._heard_at: datetime | None = None
        #: The longest silence that is no gap. Each answer renews it, because the presence timeout may change.
        self._max_silence = timedelta.max
        self._silence_began_at = self._silence_ended_at = datetime.min.replace(tzinfo=UTC)

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come through the gateway for too long."""
        return self._heard_at is not None and datetime.now(UTC) - self._heard_at > self._max_silence

    def note_answer(self) -> None:
        """Note that the gateway has answered a probe."""
        presence_timeout = self._relay.presence_timeout / timedelta(seconds=1)
        self._max_silence = timedelta(seconds=max_silence_seconds(presence_timeout))
        self._heard_at = self._heard_at or datetime.now(UTC)
        self._hear()

    def arrival_time(self) -> datetime:
        """Return the time to give to what has arrived from a page just now.

        Directly after a silence of the gateway, or a standstill of this process, it is the time at which that began.
        """
        return self._hear()

    def _hear(self) -> datetime:
        arrived_at, now = self._relay.arrival_time(), datetime.now(UTC)
        if self._heard_at is None:
            return arrived_at
        # If this process stood still, the relay reports that. The gateway may have been silent before that already.
        if now - self._heard_at > self._max_silence:
            self._silence_began_at, self._silence_ended_at = self._heard_at, now
            self._relay.report_blind(self._heard_at, now)
        self._heard_at = max(self._heard_at, now + SEPARATION)
        return self._silence_began_at if now - self._silence_ended_at < CATCH_UP else arrived_at
