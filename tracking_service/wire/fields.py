"""Single fields of messages: reading them, naming every field at fault, and writing them."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from astegni.tracking.v1 import tracking_pb2
from servicekit.clock import MICROSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND, Instant
from servicekit.errors import FieldViolation, InvalidArgument
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import UserType

USER_TYPES: dict[UserType, tracking_pb2.UserType.ValueType] = {
    UserType.TUTOR: tracking_pb2.tutor,
    UserType.STUDENT: tracking_pb2.student,
}
#: The end of the year 9999: no timestamp is later. In microseconds since the epoch.
LATEST_TIMESTAMP = 253_402_300_800 * MICROSECONDS_PER_SECOND - 1
_TENTHS = 10
_MICROSECONDS_PER_TENTH_MINUTE = 60 * MICROSECONDS_PER_SECOND // _TENTHS


def session_id(number: int, faults: list[FieldViolation], field: str = "session_id") -> WhiteboardSessionId:
    """Read the id of a whiteboard session."""
    if number <= 0:
        faults.append(FieldViolation(field, "must be the id of a whiteboard session, a positive number"))
    return WhiteboardSessionId(number)


def instant(timestamp: Timestamp, field: str, faults: list[FieldViolation]) -> Instant:
    """Read a timestamp, cut to microseconds."""
    try:
        return Instant(timestamp.ToNanoseconds() // NANOSECONDS_PER_MICROSECOND)
    except ValueError:
        faults.append(FieldViolation(field, "must be a valid timestamp"))
        return Instant(0)


def refuse(faults: list[FieldViolation]) -> None:
    """Raise InvalidArgument with every fault, if there are any."""
    if faults:
        raise InvalidArgument(*faults)


def timestamp(at: Instant) -> Timestamp:
    """Return an instant as a timestamp."""
    seconds, microseconds = divmod(at, MICROSECONDS_PER_SECOND)
    return Timestamp(seconds=seconds, nanos=microseconds * NANOSECONDS_PER_MICROSECOND)


def optional_timestamp(at: Instant | None) -> Timestamp | None:
    """Return an instant that may be unknown as a timestamp."""
    return None if at is None else timestamp(at)


def duration(microseconds: int) -> Duration:
    """Return a number of microseconds as a duration."""
    message = Duration()
    message.FromMicroseconds(microseconds)
    return message


def minutes(microseconds: int) -> float:
    """Return a number of microseconds as minutes, rounded down to one decimal."""
    return (microseconds // _MICROSECONDS_PER_TENTH_MINUTE) / _TENTHS
