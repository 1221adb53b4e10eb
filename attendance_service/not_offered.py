"""Methods of the contract that this version does not offer yet: each says what is missing and what to do instead."""
# ruff: noqa: N802, D102, ARG002 - the contract names the methods, says what each is for and fixes their parameters

from __future__ import annotations

from typing import NoReturn

from astegni.attendance.v1 import attendance_pb2_grpc
from servicekit.errors import NotImplementedYet

_ONE_BY_ONE = "Accepting many suggestions at once is not offered yet; accept them one by one with MarkAttendance."
_RATES = "The report of attendance rates is not offered yet; list completed sessions with ListSessions."
_STUDENT = "The report of one student's attendance is not offered yet; list their sessions with ListSessions."
_ENGAGEMENT = "The report of whiteboard engagement is not offered yet; see each session's suggestion."
_ACCURACY = "How often people agree with suggestions is not offered yet; see each session's attendance history."


class NotOfferedYet(attendance_pb2_grpc.AttendanceServiceServicer):
    """Answers UNIMPLEMENTED."""

    async def ApplySuggestions(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ONE_BY_ONE)

    async def ListTutorAttendanceRates(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_RATES)

    async def ExportTutorAttendanceRates(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_RATES)

    async def GetStudentAttendanceReport(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_STUDENT)

    async def ExportStudentAttendanceReport(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_STUDENT)

    async def ListWhiteboardEngagement(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ENGAGEMENT)

    async def ExportWhiteboardEngagement(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ENGAGEMENT)

    async def GetSuggestionAccuracy(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ACCURACY)

    async def ExportSuggestionAccuracy(self, request: object, context: object) -> NoReturn:
        raise NotImplementedYet(_ACCURACY)
