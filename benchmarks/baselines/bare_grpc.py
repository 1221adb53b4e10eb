"""A gRPC server that does nothing: the limit of the library, with the service's contract, options and event loop.

Streams are read and acknowledged, and heartbeats are answered; nothing is verified, counted or stored.
"""

from __future__ import annotations

import asyncio
import os

import uvloop
from grpc import aio

from astegni.tracking.v1 import tracking_pb2 as tracking
from astegni.tracking.v1 import tracking_pb2_grpc
from servicekit.rpc.server import Server, until_stopped

#: As the service does (docs/streams.md): all streams share this many acknowledgements a second,
_ACKNOWLEDGEMENTS_PER_SECOND = 1_000
#: and each gets one after at most this time.
_MAX_ACKNOWLEDGEMENT_SECONDS = 0.5

StreamContext = aio.ServicerContext[tracking.StreamHeartbeatsRequest, tracking.StreamHeartbeatsResponse]
UnaryContext = aio.ServicerContext[tracking.HeartbeatRequest, tracking.HeartbeatResponse]


class BareTransport(tracking_pb2_grpc.TrackingServiceServicer):
    """Reads streams and answers heartbeats."""

    def __init__(self) -> None:
        self._streams = 0

    async def StreamHeartbeats(  # type: ignore[override]  # noqa: N802 - the name in the contract
        self, _: object, context: StreamContext
    ) -> None:
        """Read a stream; all events are acknowledged as if they were committed."""
        await context.write(tracking.StreamHeartbeatsResponse(opened=tracking.StreamOpened()))
        stream = _Stream()
        self._streams += 1
        acknowledging = asyncio.create_task(self._acknowledge(stream, context))
        try:
            await stream.read(context)
        finally:
            self._streams -= 1
            acknowledging.cancel()

    async def Heartbeat(  # noqa: N802
        self, request: tracking.HeartbeatRequest, _: UnaryContext
    ) -> tracking.HeartbeatResponse:
        """Answer at once."""
        return tracking.HeartbeatResponse(success=True, session_id=request.session_id, user_type=request.user_type)

    async def _acknowledge(self, stream: _Stream, context: StreamContext) -> None:
        acknowledged = 0
        while True:
            await asyncio.sleep(min(self._streams / _ACKNOWLEDGEMENTS_PER_SECOND, _MAX_ACKNOWLEDGEMENT_SECONDS))
            if stream.position > acknowledged:
                acknowledged = stream.position
                ack = tracking.StreamAck(committed_sequence=acknowledged)
                await context.write(tracking.StreamHeartbeatsResponse(ack=ack))


class _Stream:
    def __init__(self) -> None:
        #: The number of the last event that was read.
        self.position = 0

    async def read(self, context: StreamContext) -> None:
        """Read until the client's half-close."""
        while isinstance(frame := await context.read(), tracking.StreamHeartbeatsRequest):
            if frame.HasField("event"):
                self.position = frame.event.sequence
            elif frame.HasField("batch"):
                self.position = frame.batch.events[-1].sequence


async def serve() -> None:
    """Serve on TRACKING_PORT until SIGTERM."""
    # The gateway asks for the health of the service by its name.
    services = [tracking.DESCRIPTOR.services_by_name["TrackingService"].full_name]
    server = Server(f"127.0.0.1:{os.environ['TRACKING_PORT']}", services=services, interceptors=[])
    # Everything else is answered with UNIMPLEMENTED.
    servicer = BareTransport()  # type: ignore[abstract]
    server.add(tracking_pb2_grpc.add_TrackingServiceServicer_to_server, servicer)
    await server.start()
    await until_stopped(server.stop)


if __name__ == "__main__":
    uvloop.run(serve())
