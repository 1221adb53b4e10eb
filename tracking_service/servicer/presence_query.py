"""PresenceQueryService: facts for other services."""

from __future__ import annotations

from functools import partial
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.auth.principal import current_principal
from servicekit.errors import NotImplementedYet
from servicekit.rpc.patience import looked_up
from tracking_service.queries.metrics import MetricsQuery
from tracking_service.wire.metrics import metrics_request, metrics_requests, session_metrics


class EngagementNotOffered(NotImplementedYet):
    """Engagement totals are not offered yet; they come with the reports."""

    reason = "ENGAGEMENT_NOT_OFFERED"


class PresenceQueryServicer(tracking_pb2_grpc.PresenceQueryServiceServicer):
    """Answers services only."""

    def __init__(self, metrics: MetricsQuery) -> None:
        """Everything it calls is handed in."""
        self._metrics = metrics

    async def GetConnectionMetrics(  # noqa: N802 - the name in the contract
        self, request: tracking_pb2.GetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.GetConnectionMetricsResponse:
        """Measure one session."""
        current_principal.get().require_service()
        look = partial(self._metrics.get, metrics_request(request))
        return session_metrics(await looked_up(look, context.time_remaining()))

    async def BatchGetConnectionMetrics(  # noqa: N802
        self, request: tracking_pb2.BatchGetConnectionMetricsRequest, context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.BatchGetConnectionMetricsResponse:
        """Measure many sessions."""
        current_principal.get().require_service()
        requests = metrics_requests(request)
        found = await looked_up(partial(self._metrics.get_many, requests), context.time_remaining())
        known = {facts.session_id for facts in found}
        return tracking_pb2.BatchGetConnectionMetricsResponse(
            metrics=[session_metrics(facts) for facts in found],
            unknown_session_ids=sorted({single.session_id for single in requests} - known),
        )

    async def ListTutorEngagement(  # noqa: N802
        self, _request: tracking_pb2.ListTutorEngagementRequest, _context: aio.ServicerContext[Any, Any]
    ) -> tracking_pb2.ListTutorEngagementResponse:
        """Refuse, with what is missing."""
        current_principal.get().require_service()
        raise EngagementNotOffered
