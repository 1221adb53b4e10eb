"""What ends a stream before its client does."""

from __future__ import annotations

from servicekit.errors import Aborted, DomainError, OutOfRange, PermissionDenied, Unavailable
from tracking_service.recording.submission import Standing


class SequenceGap(OutOfRange):
    """A number is missing; resume the stream and go on after what is committed."""

    reason = "SEQUENCE_GAP"


class StreamTakenOver(Aborted):
    """Another stream with the same stream_id took over."""

    reason = "STREAM_TAKEN_OVER"


class StreamForgotten(Aborted):
    """The stream was not used for too long; start a new one with a new stream_id."""

    reason = "STREAM_FORGOTTEN"


class StreamBroken(Aborted):
    """An earlier part of the stream could not be recorded; resume the stream."""

    reason = "STREAM_BROKEN"


class StreamOfAnotherIdentity(PermissionDenied):
    """This stream_id belongs to another identity; make a new one."""

    reason = "STREAM_OF_ANOTHER_IDENTITY"


class Draining(Unavailable):
    """This replica is about to stop; open the stream elsewhere."""

    reason = "DRAINING"


#: Why a part of a stream is not committed, as its client is told.
FAILURES: dict[Standing, type[DomainError]] = {
    Standing.FENCED: StreamTakenOver,
    Standing.FORGOTTEN: StreamForgotten,
    Standing.DISCONTINUED: StreamBroken,
}
