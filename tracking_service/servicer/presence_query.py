"""PresenceQueryService: facts for other services."""

from __future__ import annotations

from functools import partial
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.auth.principal import current_principal
from servicekit.rpc.deadlines import run_query
from tracking_service.queries.engagement import EngagementQuery
from tracking_service.queries.metrics import MetricsQuery
from tracking_service.wire.metrics import (
    engagement,
    engagement_request,
    metrics_request,
    metrics_requests,
    session_metrics,
)


class PresenceQueryServicer(tracking_pb2_grpc.PresenceQueryServiceServicer):
    """Answers services only."""

    def __init__(self, metrics: MetricsQuery, engagement: EngagementQuery) -> None:
        self._metrics = metrics
        self._engagement = engagement

    async def GetConnectionMetrics(  # noqa: N802 - the name in the contract
        self, request: tracking_pb2.GetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.GetConnectionMetricsResponse:
        """Measure one session."""
        current_principal.get().require_service()
        read = partial(self._metrics.get, metrics_request(request))
        return session_metrics(await run_query(read, context.time_remaining()), by_minute=True)

    async def BatchGetConnectionMetrics(  # noqa: N802
        self, request: tracking_pb2.BatchGetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.BatchGetConnectionMetricsResponse:
        """Measure many sessions."""
        current_principal.get().require_service()
        requests = metrics_requests(request)
        measured = await run_query(partial(self._metrics.get_many, requests), context.time_remaining())
        known = {facts.session_id for facts in measured}
        return tracking_pb2.BatchGetConnectionMetricsResponse(
            metrics=[session_metrics(facts, by_minute=False) for facts in measured],
            unknown_session_ids=sorted({single.session_id for single in requests} - known),
        )

    async def ListTutorEngagement(  # noqa: N802
        self, request: tracking_pb2.ListTutorEngagementRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.ListTutorEngagementResponse:
        """Total up whiteboard sessions per tutor."""
        current_principal.get().require_service()
        read = partial(self._engagement.get, engagement_request(request))
        return engagement(await run_query(read, context.time_remaining()))
