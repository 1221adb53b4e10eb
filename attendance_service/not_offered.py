"""Methods of the contract that this version does not offer yet: each says what is missing and what to do instead."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from typing import NoReturn

from astegni.attendance.v1 import attendance_pb2_grpc
from servicekit.errors import NotImplementedYet

_ONE_BY_ONE = "Accepting many suggestions at once is not offered yet; accept them one by one with MarkAttendance."


class NotOfferedYet(attendance_pb2_grpc.AttendanceServiceServicer):
    """Answers UNIMPLEMENTED."""

    async def ApplySuggestions(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ONE_BY_ONE)
