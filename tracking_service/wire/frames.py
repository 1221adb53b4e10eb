"""Frames that a stream's client sends."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from astegni.tracking.v1 import tracking_pb2
from servicekit.errors import FieldViolation, InvalidArgument

#: Some 100 KiB: larger messages hold up the others on the same connection.
EVENTS_PER_BATCH = 1_000

Numbered = tracking_pb2.PresenceEvent | tracking_pb2.ObservationGap


def stream_id(frame: tracking_pb2.StreamHeartbeatsRequest) -> UUID:
    """Read the first frame."""
    if frame.WhichOneof("frame") != "open":
        raise InvalidArgument(FieldViolation("open", "the first frame of a stream must be `open`"))
    try:
        return UUID(frame.open.stream_id)
    except ValueError:
        raise InvalidArgument(FieldViolation("open.stream_id", "must be a UUID")) from None


def numbered(frame: tracking_pb2.StreamHeartbeatsRequest) -> Sequence[Numbered]:
    """Return what a later frame carries, in order."""
    kind = frame.WhichOneof("frame")
    if kind == "event":
        return (frame.event,)
    if kind == "batch":
        events = frame.batch.events
        if not 1 <= len(events) <= EVENTS_PER_BATCH:
            raise InvalidArgument(FieldViolation("batch.events", f"must hold 1 to {EVENTS_PER_BATCH} events"))
        return events
    if kind == "gap":
        return (frame.gap,)
    if kind == "open":
        raise InvalidArgument(FieldViolation("open", "a stream is opened once"))
    raise InvalidArgument(FieldViolation("frame", "must be an event, a batch or a gap"))
