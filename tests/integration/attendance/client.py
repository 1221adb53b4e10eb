"""Calls the attendance service as one person."""

from __future__ import annotations

import csv
import io
from typing import Any

from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from testkit.tokens import metadata, token


class Client:
    """One person with their token, who calls over real gRPC."""

    def __init__(self, channel: aio.Channel, user: int | str, role: str) -> None:
        self._stub: attendance_pb2_grpc.AttendanceServiceAsyncStub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        self._metadata = metadata(token(user, role))

    async def suggestion(self, session_id: int) -> pb.GetAttendanceSuggestionResponse:
        request = pb.GetAttendanceSuggestionRequest(session_id=session_id)
        return await self._stub.GetAttendanceSuggestion(request, metadata=self._metadata)

    async def mark(self, session_id: int, **fields: Any) -> pb.MarkAttendanceResponse:  # noqa: ANN401
        request = pb.MarkAttendanceRequest(session_id=session_id, **fields)
        return await self._stub.MarkAttendance(request, metadata=self._metadata)

    async def session(self, session_id: int) -> pb.Session:
        return await self._stub.GetSession(pb.GetSessionRequest(session_id=session_id), metadata=self._metadata)

    async def sessions(self, **filters: Any) -> pb.ListSessionsResponse:  # noqa: ANN401
        return await self._stub.ListSessions(pb.ListSessionsRequest(**filters), metadata=self._metadata)

    async def session_ids(self, **filters: Any) -> list[int]:  # noqa: ANN401
        return [session.id for session in (await self.sessions(**filters)).sessions]

    async def students(self, **fields: Any) -> pb.ListStudentsResponse:  # noqa: ANN401
        return await self._stub.ListStudents(pb.ListStudentsRequest(**fields), metadata=self._metadata)

    async def history(self, session_id: int, **paging: Any) -> pb.ListAttendanceHistoryResponse:  # noqa: ANN401
        request = pb.ListAttendanceHistoryRequest(session_id=session_id, **paging)
        return await self._stub.ListAttendanceHistory(request, metadata=self._metadata)

    async def report(self, method: str, **fields: Any) -> Any:  # noqa: ANN401
        """Call one of the methods that report."""
        return await self.call(method, getattr(pb, f"{method}Request")(**fields))

    async def pages(self, method: str, **fields: Any) -> list[Any]:  # noqa: ANN401
        """Return all pages of a list, each asked for with the token of the page before."""
        pages = [await self.report(method, **fields)]
        while token := pages[-1].next_page_token:
            pages.append(await self.report(method, page_token=token, **fields))
        return pages

    async def exported(self, method: str, **fields: Any) -> list[dict[str, str]]:  # noqa: ANN401
        """Return the lines of a CSV, by column."""
        body = await self.report(method, **fields)
        assert body.content_type == "text/csv; charset=utf-8"
        text = body.data.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=fields.get("separator", ",")))

    async def call(self, method: str, request: Any) -> Any:  # noqa: ANN401
        return await getattr(self._stub, method)(request, metadata=self._metadata)
