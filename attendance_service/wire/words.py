"""Enumerations of the proto and words of the domain: the same words on both sides."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus, Confidence
from attendance_service.wire.fields import invalid

STATUSES = {status: pb.AttendanceStatus.Value(status) for status in AttendanceStatus}
CONFIDENCES = {confidence: pb.Confidence.Value(confidence) for confidence in Confidence}
SOURCES = {source: pb.AttendanceSource.Value(source) for source in AttendanceSource}
#: Any number may arrive.
_STATUS_BY_NUMBER: dict[int, AttendanceStatus] = {int(number): status for status, number in STATUSES.items()}


def status(field: str, number: int) -> AttendanceStatus:
    """Return the status that a request names; InvalidArgument for none or an unknown one."""
    named = _STATUS_BY_NUMBER.get(number)
    if named is None:
        raise invalid(field, f"must be one of {', '.join(AttendanceStatus)}; leave it out to keep what is stored")
    return named
