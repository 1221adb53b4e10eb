"""The clock of the relay behind a stream, measured by the times in its frames (docs/presence.md#clocks)."""

from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from tracking_service.domain import relay_clocks
from tracking_service.domain.relay_clocks import ClockOffset, ClockOffsetMeter
from tracking_service.wire.fields import LATEST_TIMESTAMP

#: Of messages with one heartbeat, so many in each window are measured: that costs as much as to read them.
MEASUREMENTS_PER_WINDOW = 30


class RelayClock:
    """Measures one relay's clock."""

    __slots__ = ("_measured_at", "_meter")

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._meter = ClockOffsetMeter()
        self._measured_at = Instant(0)

    def is_to_be_measured(self, now: Instant) -> bool:
        """Return whether the last measurement is long ago."""
        return now - self._measured_at > relay_clocks.WINDOW // MEASUREMENTS_PER_WINDOW

    def change(self, frame: tracking_pb2.StreamHeartbeatsRequest, now: Instant) -> ClockOffset | None:
        """Measure by a frame that is read now; return how far the clock is off if that has changed.

        The last event of a frame is commonly the latest one, and reading all would cost as much as what is done with
        them.
        """
        self._measured_at = now
        observed_at = _last_observed_at(frame)
        if observed_at is None or observed_at > LATEST_TIMESTAMP:
            return None
        return self._meter.add(observed_at, now)


def _last_observed_at(frame: tracking_pb2.StreamHeartbeatsRequest) -> Instant | None:
    """Return when the last event of a frame happened, if the frame says so; it is not checked yet."""
    after = 0
    message: tracking_pb2.PresenceEvent | tracking_pb2.PresenceHeartbeats = frame.event
    if frame.HasField("batch") and frame.batch.events:
        message = frame.batch.events[-1]
    elif frame.HasField("heartbeats"):
        message = frame.heartbeats
        after = message.observed_after_microseconds[-1] if message.observed_after_microseconds else 0
    if not message.HasField("observed_at"):
        return None
    stamp = message.observed_at
    return Instant(stamp.seconds * MICROSECONDS_PER_SECOND + stamp.nanos // NANOSECONDS_PER_MICROSECOND + after)
