"""The caller as a message."""

from __future__ import annotations

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import KnownCaller


def caller_message(known: KnownCaller) -> pb.Caller:
    """Return who calls."""
    user_id, role = known.caller.user_id, known.caller.role
    return pb.Caller(user_id=user_id, role=role, name=known.name, is_known=known.is_known)
