"""Suggestions, asked for from the real attendance service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from benchmarks.evaluation.review.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.simulation.plan import ClassPlan
from benchmarks.evaluation.simulation.words import Role
from servicekit.auth.principal import SERVICE_ROLE
from testkit.tokens import metadata, token

#: Whoever may see every session.
_ADMIN = 1
#: Whoever may ask for facts.
_SERVICE = "evaluation"
#: Enough to keep both services busy.
_IN_FLIGHT = 16


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Asks for suggestions."""

    _stub: attendance_pb2_grpc.AttendanceServiceAsyncStub
    _limit: asyncio.Semaphore

    async def of(self, number: int) -> pb.GetAttendanceSuggestionResponse:
        """Ask for the suggestion of a class; AioRpcError."""
        request = pb.GetAttendanceSuggestionRequest(session_id=number)
        async with self._limit:
            return await self._stub.GetAttendanceSuggestion(request, metadata=metadata(token(_ADMIN, "admin")))


@asynccontextmanager
async def asking(address: str) -> AsyncIterator[Suggestions]:
    """Connect to the attendance service."""
    async with aio.insecure_channel(address) as channel:
        stub: attendance_pb2_grpc.AttendanceServiceAsyncStub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        yield Suggestions(stub, asyncio.Semaphore(_IN_FLIGHT))


async def facts(address: str, plan: ClassPlan, begins: datetime) -> tracking_pb2.GetConnectionMetricsResponse:
    """Ask the tracking service for the facts of a class's window; AioRpcError."""
    start = begins + timedelta(milliseconds=plan.starts_at)
    request = tracking_pb2.GetConnectionMetricsRequest(session_id=plan.number)
    request.window_start.FromDatetime(start)
    request.window_end.FromDatetime(start + timedelta(milliseconds=plan.length))
    async with aio.insecure_channel(address) as channel:
        stub: tracking_pb2_grpc.PresenceQueryServiceAsyncStub = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
        return await stub.GetConnectionMetrics(request, metadata=metadata(token(_SERVICE, SERVICE_ROLE)))


def verdicts(answer: pb.GetAttendanceSuggestionResponse, plan: ClassPlan) -> Mapping[int, Verdict]:
    """Return what is suggested of each person of a class, by users.id."""
    of_students = {it.user_id: _verdict(it.status_suggestion, it.confidence) for it in answer.students}
    of_tutor = _verdict(answer.tutor_status_suggestion, answer.tutor_confidence)
    return {
        person.user_id: of_tutor if person.role is Role.TUTOR else of_students[person.user_id] for person in plan.people
    }


def _verdict(status: pb.AttendanceStatus.ValueType, confidence: pb.Confidence.ValueType) -> Verdict:
    return Verdict(Mark(pb.AttendanceStatus.Name(status)), Confidence(pb.Confidence.Name(confidence)))
