"""A client of WatchConnectionStatus for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grpc import aio

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.tokens import metadata

Status = tracking_pb2.GetConnectionStatusResponse


class StatusWatcher:
    """One open watch."""

    def __init__(self, channel: aio.Channel, bearer: str, session_id: int) -> None:
        stub = tracking_pb2_grpc.TrackingServiceStub(channel)
        request = tracking_pb2.WatchConnectionStatusRequest(session_id=session_id)
        self._call: Any = stub.WatchConnectionStatus(request, metadata=metadata(bearer))

    async def next(self) -> Status:
        """Return the next state; AioRpcError when the watch has ended."""
        response = await self._call.read()
        assert isinstance(response, tracking_pb2.WatchConnectionStatusResponse), "the watch ended without an error"
        return response.status

    async def until(self, expected: Callable[[Status], bool]) -> Status:
        """Read states until one is as expected, and return it."""
        while True:
            status = await self.next()
            if expected(status):
                return status

    def cancel(self) -> None:
        self._call.cancel()
