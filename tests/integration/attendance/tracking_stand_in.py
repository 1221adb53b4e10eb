"""A tracking service that answers what a test sets: for facts and failures that the real one can't produce."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as pb

#: 10:00 in Addis Ababa, when the lessons of these tests begin.
START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
#: They take an hour.
END = START + timedelta(hours=1)
#: Long after: nothing is provisional any more.
LATER = END + timedelta(days=1)


def minute(minutes: float) -> Timestamp:
    """Return a time in minutes since the start."""
    return timestamp(START + timedelta(minutes=minutes))


def timestamp(at: datetime) -> Timestamp:
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted


def there(start: float, end: float) -> pb.PresenceInterval:
    return pb.PresenceInterval(started_at=minute(start), ended_at=minute(end), end_reason=pb.closed)


def time_stretch(start: float, end: float) -> pb.TimeStretch:
    return pb.TimeStretch(started_at=minute(start), ended_at=minute(end))


_SERVICE = pb.DESCRIPTOR.services_by_name["PresenceQueryService"].full_name

#: users.id, and when they were there.
Attendee = tuple[int, list[pb.PresenceInterval]]


class TrackingStandIn:
    """Answers GetConnectionMetrics and its batch with what a test sets."""

    def __init__(self) -> None:
        #: Facts by whiteboard session.
        self.participants: dict[int, list[pb.ParticipantMetrics]] = {}
        self.gaps: list[pb.TimeStretch] = []
        self.as_of = LATER
        #: The whiteboard session's own schedule, for requests without a window; None: it has none.
        self.schedule: tuple[datetime, datetime] | None = None
        #: Facts from before this time are deleted; None: none are.
        self.deleted_until: datetime | None = None
        #: The next answers are these errors.
        self.failures: list[grpc.StatusCode] = []
        #: After this many requests every answer is an error; None: never.
        self.fail_after: int | None = None
        #: Answers wait for this.
        self.answering = asyncio.Event()
        self.answering.set()
        #: Set by the first request.
        self.asked = asyncio.Event()
        self.requests: list[pb.GetConnectionMetricsRequest] = []
        #: How many requests each batch contained.
        self.batches: list[int] = []
        self.authorizations: list[str] = []

    def knows(self, whiteboard_id: int, *, tutor: Attendee, **students: Attendee) -> None:
        """Set who was present when."""
        self.participants[whiteboard_id] = [
            pb.ParticipantMetrics(user_type=pb.tutor, user_id=tutor[0], intervals=tutor[1]),
            *(
                pb.ParticipantMetrics(user_type=pb.student, user_id=user_id, intervals=intervals)
                for user_id, intervals in students.values()
            ),
        ]

    async def answer(
        self, request: pb.GetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> pb.GetConnectionMetricsResponse:
        self.requests.append(request)
        self.asked.set()
        self.authorizations += [
            str(value) for key, value in context.invocation_metadata() or () if key == "authorization"
        ]
        await self.answering.wait()
        if self.failures:
            await context.abort(self.failures.pop(0), "as the test wants")
        if self.fail_after is not None and len(self.requests) > self.fail_after:
            await context.abort(grpc.StatusCode.INTERNAL, "as the test wants")
        if request.session_id not in self.participants:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such whiteboard session")
        window = await self._window(request, context)
        return pb.GetConnectionMetricsResponse(
            session_id=request.session_id,
            window_start=window[0],
            window_end=window[1],
            participants=self.participants[request.session_id],
            observation_gaps=self.gaps,
            as_of=timestamp(self.as_of),
            facts_deleted_until=None if self.deleted_until is None else timestamp(self.deleted_until),
        )

    async def answer_batch(
        self, request: pb.BatchGetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> pb.BatchGetConnectionMetricsResponse:
        if self.failures:
            await context.abort(self.failures.pop(0), "as the test wants")
        self.batches.append(len(request.requests))
        known = [asked for asked in request.requests if asked.session_id in self.participants]
        return pb.BatchGetConnectionMetricsResponse(
            metrics=[await self.answer(asked, context) for asked in known],
            unknown_session_ids={asked.session_id for asked in request.requests} - self.participants.keys(),
        )

    async def _window(
        self, request: pb.GetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> tuple[Timestamp, Timestamp]:
        if request.HasField("window_start"):
            return request.window_start, request.window_end
        if self.schedule is None:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no schedule")
            raise AssertionError("abort raises")
        return timestamp(self.schedule[0]), timestamp(self.schedule[1])


class TrackingServer:
    """Serves a stand-in, which may be replaced."""

    def __init__(self, address: str = "127.0.0.1:0") -> None:
        """Port 0 is a free one."""
        self._address = address
        self.tracking = TrackingStandIn()
        self.port = 0
        self._server: aio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = aio.server()
        self._server.add_registered_method_handlers(_SERVICE, self._handlers())
        self.port = self._server.add_insecure_port(self._address)
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop at once; calls that wait for an answer fail."""
        self.tracking.answering.set()
        if self._server is not None:
            await self._server.stop(None)

    def _handlers(self) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        return {
            "GetConnectionMetrics": grpc.unary_unary_rpc_method_handler(
                self._answer,
                request_deserializer=pb.GetConnectionMetricsRequest.FromString,
                response_serializer=pb.GetConnectionMetricsResponse.SerializeToString,
            ),
            "BatchGetConnectionMetrics": grpc.unary_unary_rpc_method_handler(
                self._answer_batch,
                request_deserializer=pb.BatchGetConnectionMetricsRequest.FromString,
                response_serializer=pb.BatchGetConnectionMetricsResponse.SerializeToString,
            ),
        }

    async def _answer(
        self, request: pb.GetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> pb.GetConnectionMetricsResponse:
        return await self.tracking.answer(request, context)

    async def _answer_batch(
        self, request: pb.BatchGetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> pb.BatchGetConnectionMetricsResponse:
        return await self.tracking.answer_batch(request, context)
