"""Asking the tracking service for facts."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import TypeVar

import grpc
from grpc import aio
from grpc.aio import UnaryUnaryMultiCallable

from astegni.tracking.v1 import tracking_pb2_grpc
from attendance_service.domain.errors import TrackingUnavailable
from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.reports import WhiteboardEngagement
from attendance_service.domain.stretches import Stretch
from attendance_service.tracking.credentials import TokenSource
from attendance_service.tracking.facts import (
    WhiteboardWindow,
    batch_facts,
    facts_request,
    metrics_request,
    session_facts,
)
from attendance_service.tracking.totals import (
    REQUESTS_PER_BATCH,
    EngagementQuestion,
    engagement_request,
    student_active_seconds,
    totals_request,
    tutor_engagement,
)
from servicekit.identifiers import UserId, WhiteboardSessionId

_log = logging.getLogger(__name__)
_RequestT = TypeVar("_RequestT")
_ResponseT = TypeVar("_ResponseT")

#: gRPC retries by itself while the deadline lasts: a replica that restarts is bridged, one that is away is told soon.
_SERVICE_CONFIG = {
    # Every address behind the name takes its share.
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
    # A peer that vanished is noticed within 40 s, also between calls; the server allows pings every 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A tracking service that is back is found again within two seconds, not two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # 500 participants with a hundred intervals each stay below.
    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
)
#: What the tracking service may say about a session, and what that means for a suggestion.
_WITHOUT_FACTS = {
    grpc.StatusCode.NOT_FOUND: ReasonCode.WHITEBOARD_UNKNOWN,
    grpc.StatusCode.FAILED_PRECONDITION: ReasonCode.NO_SCHEDULE,
}
#: What whoever asked about many sessions is told.
_NO_TOTALS = "The tracking service can't be reached at the moment, so nobody's presence is known; retry."
#: Failures that pass; any other one is for the operators.
_PASSING = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED}
)


class TrackingClient:
    """One channel to the tracking service, shared by all calls."""

    def __init__(self, address: str, token: TokenSource) -> None:
        """Construct it inside a running event loop; it connects with the first question."""
        self._channel = aio.insecure_channel(address, options=_OPTIONS)
        self._stub = tracking_pb2_grpc.PresenceQueryServiceStub(self._channel)
        self._token = token

    async def facts(
        self, whiteboard_id: WhiteboardSessionId, window: Stretch | None, *, deadline_seconds: float
    ) -> SessionFacts | ReasonCode:
        """Return the facts of a window (None: the whiteboard session's own), or why there are none.

        TrackingUnavailable if the tracking service does not answer within the deadline, retries included.
        """
        request = metrics_request(whiteboard_id, window)
        try:
            response = await self._stub.GetConnectionMetrics(
                request, timeout=deadline_seconds, metadata=self._metadata()
            )
        except aio.AioRpcError as error:
            return _without_facts(error, whiteboard_id)
        return session_facts(response)

    async def student_active_seconds(
        self, whiteboard_ids: Sequence[WhiteboardSessionId], student: UserId, *, deadline_seconds: float
    ) -> dict[WhiteboardSessionId, int]:
        """Return how long a student was there, by whiteboard session; unknown ones are missing.

        TrackingUnavailable as soon as one batch of them is not answered within the deadline.
        """
        found: dict[WhiteboardSessionId, int] = {}
        for start in range(0, len(whiteboard_ids), REQUESTS_PER_BATCH):
            request = totals_request(whiteboard_ids[start : start + REQUESTS_PER_BATCH])
            response = await self._asked(self._stub.BatchGetConnectionMetrics, request, deadline_seconds)
            found |= student_active_seconds(response, student)
        return found

    async def facts_of_many(
        self, windows: Sequence[WhiteboardWindow], *, deadline_seconds: float
    ) -> tuple[SessionFacts | None, ...]:
        """Return the facts of up to REQUESTS_PER_BATCH windows, in their order; None: no such whiteboard session.

        TrackingUnavailable if the tracking service does not answer within the deadline.
        """
        if not windows:
            return ()
        request = facts_request(windows)
        response = await self._asked(self._stub.BatchGetConnectionMetrics, request, deadline_seconds)
        return batch_facts(windows, response)

    async def engagement(
        self, question: EngagementQuestion, *, deadline_seconds: float
    ) -> tuple[WhiteboardEngagement, ...]:
        """Return a page of engagement; fewer tutors than it was to hold: they were the last ones.

        TrackingUnavailable if the tracking service does not answer within the deadline.
        """
        response = await self._asked(self._stub.ListTutorEngagement, engagement_request(question), deadline_seconds)
        return tuple(tutor_engagement(tutor) for tutor in response.tutors)

    async def close(self) -> None:
        """End the channel, and with it every question that is still open."""
        await self._channel.close()

    async def _asked(
        self, ask: UnaryUnaryMultiCallable[_RequestT, _ResponseT], request: _RequestT, deadline_seconds: float
    ) -> _ResponseT:
        try:
            return await ask(request, timeout=deadline_seconds, metadata=self._metadata())
        except aio.AioRpcError as error:
            _tell_operators(error)
            raise TrackingUnavailable(_NO_TOTALS) from error

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self._token()}"),)


def _without_facts(error: aio.AioRpcError, whiteboard_id: WhiteboardSessionId) -> ReasonCode:
    code = error.code()
    if code in _WITHOUT_FACTS:
        return _WITHOUT_FACTS[code]
    _tell_operators(error, whiteboard_session_id=whiteboard_id)
    raise TrackingUnavailable from error


def _tell_operators(error: aio.AioRpcError, **asked: int) -> None:
    code = error.code()
    level = logging.WARNING if code in _PASSING else logging.ERROR
    extra = {"code": code.name, "details": error.details(), **asked}
    _log.log(level, "the tracking service gave no facts", extra=extra)
