"""Gets the facts of windows from the tracking service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import aio
from grpc.aio import UnaryUnaryMultiCallable

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from attendance_service.domain.errors import TrackingUnavailable
from attendance_service.domain.facts import NEARBY, ParticipantFacts, PresenceInterval, SessionFacts, TimeRanges
from attendance_service.domain.reasons import ReasonCode
from attendance_service.tracking.failure_log import FailureLog
from servicekit.auth.service_token import ServiceToken
from servicekit.correlation import current_correlation
from servicekit.identifiers import UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from servicekit.tls.mutual import MutualTls, open_channel

_RequestT = TypeVar("_RequestT")
_ResponseT = TypeVar("_ResponseT")
#: Selects a method of the stub in use; a second attempt has another one. Only type checkers know the class.
_Method = Callable[["tracking_pb2_grpc.PresenceQueryServiceAsyncStub"], UnaryUnaryMultiCallable[_RequestT, _ResponseT]]

#: So many replicas are asked, one after the other, if they do not answer: all questions only read. More would take
#: longer than the gateway waits.
MAX_REPLICAS_ASKED = 2
#: The tracking service accepts no more in one batch.
MAX_REQUESTS_PER_BATCH = 500
#: gRPC retries by itself within the deadline. So the restart of a replica goes unnoticed.
_SERVICE_CONFIG = {
    # Calls are spread over all addresses of the name.
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": "astegni.tracking.v1.PresenceQueryService"}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
_OPTIONS = (
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    # A new channel gets new connections.
    ("grpc.use_local_subchannel_pool", 1),
    # A dead peer is noticed within 40 s, also between calls; the server allows pings every 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A tracking service that comes back is used again within two seconds, not two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # If the replicas that were known are gone, retries find others: the name is resolved again. The default is 30 s.
    ("grpc.dns_min_time_between_resolutions_ms", 100),
    # 500 participants with a hundred intervals each are smaller.
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
)
#: Status codes that say that there are no facts about a session, and why.
_WITHOUT_FACTS = {
    grpc.StatusCode.NOT_FOUND: ReasonCode.WHITEBOARD_UNKNOWN,
    grpc.StatusCode.FAILED_PRECONDITION: ReasonCode.NO_SCHEDULE,
}
#: The message for calls about many sessions.
_MANY_UNAVAILABLE = "The tracking service can't be reached at the moment, so presence is not known; retry."
_END_REASONS = {pb.DISCONNECT_REASON_UNSPECIFIED: "", pb.closed: "closed", pb.timed_out: "timed_out"}


class WhiteboardWindow(NamedTuple):
    """A whiteboard session and a window of it; None: its own schedule."""

    whiteboard_id: WhiteboardSessionId
    window: TimeRange[datetime] | None


class TrackingClient:
    """One channel to the tracking service, shared by all calls; a new one when our certificate has changed."""

    def __init__(
        self,
        address: str,
        token: ServiceToken,
        deadline_seconds: float,
        tls: MutualTls | None = None,
        *,
        on_failure: Callable[[], None] = lambda: None,
        interceptors: Sequence[aio.ClientInterceptor] = (),
    ) -> None:
        """Construct it inside a running event loop; it connects with the first call.

        `deadline_seconds` is how long one replica may take to answer. `on_failure` is called for each call that fails.
        """
        self._address = address
        self._tls = tls
        self._interceptors = interceptors
        self._connect()
        #: Channels with an earlier certificate, until their calls have ended.
        self._closing: set[asyncio.Task[None]] = set()
        self._token = token
        self._deadline_seconds = deadline_seconds
        self._failures = FailureLog(count=on_failure)

    @property
    def stub(self) -> tracking_pb2_grpc.PresenceQueryServiceAsyncStub:
        """The methods of the service, over a channel with our present certificate."""
        if self._tls is not None and self._tls.current is not self._identity:
            self._replace_channel()
        return self._stub

    async def facts(
        self,
        whiteboard_id: WhiteboardSessionId,
        window: TimeRange[datetime] | None,
        *,
        max_seconds: float | None = None,
    ) -> SessionFacts | ReasonCode:
        """Return the facts of a window (None: the whiteboard session's own), or why there are none.

        With `max_seconds`, one replica is asked, and has so long. TrackingUnavailable if none answers in time.
        """
        request = _metrics_request(whiteboard_id, window)
        try:
            if max_seconds is None:
                response = await self._ask(lambda stub: stub.GetConnectionMetrics, request)
            else:
                response = await self._ask_once(
                    self.stub.GetConnectionMetrics, request, min(max_seconds, self._deadline_seconds)
                )
        except aio.AioRpcError as error:
            if error.code() in _WITHOUT_FACTS:
                return _WITHOUT_FACTS[error.code()]
            self._failures.add(error, whiteboard_session_id=whiteboard_id)
            raise TrackingUnavailable from error
        return _session_facts(response)

    async def facts_of_many(self, windows: Sequence[WhiteboardWindow]) -> tuple[SessionFacts | ReasonCode, ...]:
        """Return the facts of up to MAX_REQUESTS_PER_BATCH windows, in their order, or why there are none.

        TrackingUnavailable if no replica answers in time.
        """
        metrics = await self.metrics_of_many(windows)
        return tuple(
            ReasonCode.WHITEBOARD_UNKNOWN if session is None else _session_facts(session) for session in metrics
        )

    async def metrics_of_many(
        self, windows: Sequence[WhiteboardWindow]
    ) -> tuple[pb.GetConnectionMetricsResponse | None, ...]:
        """Return what the tracking service answers about such windows; without a schedule the window is empty."""
        if not windows:
            return ()
        request = pb.BatchGetConnectionMetricsRequest(
            requests=[_metrics_request(*window, allow_no_schedule=True) for window in windows]
        )
        response = await self.call(lambda stub: stub.BatchGetConnectionMetrics, request)
        unknown = set(response.unknown_session_ids)
        # The response has one entry, in the order of the windows, for each session that exists.
        metrics = iter(response.metrics)
        return tuple(None if window.whiteboard_id in unknown else next(metrics) for window in windows)

    async def call(self, method: _Method[_RequestT, _ResponseT], request: _RequestT) -> _ResponseT:
        """Return the response of a method; TrackingUnavailable for any failure."""
        try:
            return await self._ask(method, request)
        except aio.AioRpcError as error:
            self._failures.add(error)
            raise TrackingUnavailable(_MANY_UNAVAILABLE) from error

    async def close(self) -> None:
        """Close the channel; calls that are still running fail."""
        await asyncio.gather(self._channel.close(), *self._closing)

    async def _ask(self, method: _Method[_RequestT, _ResponseT], request: _RequestT) -> _ResponseT:
        """Ask another replica if one does not answer in time.

        One that stands still keeps its connections and answers no new one; keepalive does not notice that while calls
        are sent. So we connect anew.
        """
        for replicas_left in reversed(range(MAX_REPLICAS_ASKED)):
            stub, channel = self.stub, self._channel
            try:
                return await self._ask_once(method(stub), request, self._deadline_seconds)
            except aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                if channel is self._channel:
                    self._replace_channel()
                if not replicas_left:
                    raise
        raise AssertionError("the last failure is raised")

    async def _ask_once(
        self, method: UnaryUnaryMultiCallable[_RequestT, _ResponseT], request: _RequestT, max_seconds: float
    ) -> _ResponseT:
        return await method(request, timeout=max_seconds, metadata=await self._metadata())

    def _replace_channel(self) -> None:
        """Use a new channel from now on; calls that are running on the present one may finish."""
        closing = asyncio.create_task(self._channel.close(self._deadline_seconds))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._connect()

    def _connect(self) -> None:
        self._identity = None if self._tls is None else self._tls.current
        self._channel = open_channel(self._address, self._identity, _OPTIONS, self._interceptors)
        self._stub: tracking_pb2_grpc.PresenceQueryServiceAsyncStub = tracking_pb2_grpc.PresenceQueryServiceStub(
            self._channel
        )

    async def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {await self._token.get()}"), *current_correlation.get().metadata())


def _metrics_request(
    whiteboard_id: WhiteboardSessionId, window: TimeRange[datetime] | None, *, allow_no_schedule: bool = False
) -> pb.GetConnectionMetricsRequest:
    request = pb.GetConnectionMetricsRequest(
        session_id=whiteboard_id,
        allow_no_schedule=allow_no_schedule,
        nearby_seconds=NEARBY // timedelta(seconds=1),
    )
    if window is not None:
        request.window_start.FromDatetime(window.start)
        request.window_end.FromDatetime(window.end)
    return request


def facts_are_deleted(response: pb.GetConnectionMetricsResponse) -> bool:
    """Return whether facts of the window were deleted; of a part of a lesson nothing can be judged."""
    if not response.HasField("facts_deleted_until"):
        return False
    return _time(response.window_start) < _time(response.facts_deleted_until)


def _session_facts(response: pb.GetConnectionMetricsResponse) -> SessionFacts | ReasonCode:
    if facts_are_deleted(response):
        return ReasonCode.FACTS_DELETED
    # KeyError for a role or an end reason that this version does not know: no suggestion is better than a wrong one.
    by_role: dict[int, list[ParticipantFacts]] = {pb.tutor: [], pb.student: []}
    for participant in response.participants:
        by_role[participant.user_type].append(_participant(participant))
    return SessionFacts(
        window=TimeRange(_time(response.window_start), _time(response.window_end)),
        tutors=tuple(by_role[pb.tutor]),
        students=tuple(by_role[pb.student]),
        observation_gaps=_time_ranges(response.observation_gaps),
        as_of=_time(response.as_of),
    )


def _participant(participant: pb.ParticipantMetrics) -> ParticipantFacts:
    uncertain = participant.HasField("arrival_uncertain_since")
    return ParticipantFacts(
        user_id=UserId(participant.user_id),
        # A tracking service of an older version does not set it.
        is_listed=participant.listed or not participant.HasField("listed"),
        intervals=tuple(_interval(interval) for interval in participant.intervals),
        unknown=_time_ranges(participant.unknown),
        reconnects=participant.reconnect_count,
        arrival_uncertain_since=_time(participant.arrival_uncertain_since) if uncertain else None,
        activity=tuple(participant.interactions_per_minute),
        clock_offset=timedelta(seconds=participant.clock_offset_seconds),
        nearby=_time_ranges(participant.nearby),
    )


def _interval(interval: pb.PresenceInterval) -> PresenceInterval:
    return PresenceInterval(
        span=TimeRange(_time(interval.started_at), _time(interval.ended_at)),
        end_reason=_END_REASONS[interval.end_reason],
        assumed=interval.assumed,
    )


def _time_ranges(messages: Iterable[pb.TimeStretch]) -> TimeRanges:
    return tuple(TimeRange(_time(message.started_at), _time(message.ended_at)) for message in messages)


def _time(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)
