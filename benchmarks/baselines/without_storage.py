"""The tracking service without storage: the limit of the transport.

The database is used only to open streams and to read its clock, which does not happen while events flow. Events are
read, checked and queued as usual, but the appender reports them as committed without storing them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import uvloop

from astegni.tracking.v1 import tracking_pb2_grpc
from servicekit.auth.rotating_keys import rotating_keys
from servicekit.auth.verifier import configured_verifier
from servicekit.clock import seconds
from servicekit.database.clock import DatabaseClock
from servicekit.database.engine import Database
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server, until_stopped
from servicekit.settings import load
from tracking_service.app import CONNECTIONS, ERROR_DOMAIN, SECONDS_PER_HOUR, SERVICES
from tracking_service.folding.fold import Folder
from tracking_service.folding.watched import WatchedSessions
from tracking_service.ingest.group_commit import GroupCommitter
from tracking_service.ingest.stream_registry import StreamRegistry
from tracking_service.ingest.unary import UnaryEvents
from tracking_service.queries.status import StatusQuery
from tracking_service.recording.submission import Outcome, Submission, SubmissionStatus
from tracking_service.servicer.identity_limits import configured_limits
from tracking_service.servicer.tracking import Timing, TrackingServicer
from tracking_service.settings import TrackingSettings
from tracking_service.status_subscriptions import StatusSubscriptions


def accept(submissions: Sequence[Submission]) -> list[Outcome]:
    """Report everything as committed."""
    return [Outcome(SubmissionStatus.COMMITTED) for _ in submissions]


async def serve(settings: TrackingSettings) -> None:
    """Serve until SIGTERM."""
    timeout = seconds(settings.presence_timeout_seconds)
    database = Database(
        settings.database_url,
        role=settings.tracking_database_role,
        application="without_storage",
        pool_size=CONNECTIONS,
    )
    clock = DatabaseClock(database)
    await asyncio.to_thread(clock.measure)
    committer = GroupCommitter(accept)
    folder = Folder(database, clock, timeout=timeout)
    watched = WatchedSessions(database, clock, folder, timeout=timeout)
    status = StatusQuery(database, clock, folder, watched, timeout=timeout)
    servicer = TrackingServicer(
        unary_events=UnaryEvents(committer, lambda _: 0),
        streams=StreamRegistry(database, committer),
        status=status,
        subscriptions=StatusSubscriptions(status, clock),
        limits=configured_limits(settings),
        clock=clock,
        arrival_time=clock.now,
        timing=Timing(
            heartbeat_interval=seconds(settings.heartbeat_interval_seconds),
            presence_timeout=timeout,
            backfill_limit=seconds(settings.backfill_limit_hours * SECONDS_PER_HOUR),
            max_stream_age=0,
        ),
    )
    interceptor = CallInterceptor(configured_verifier(settings, rotating_keys(settings), clock), domain=ERROR_DOMAIN)
    server = Server(f"{settings.listen_host}:{settings.tracking_port}", services=SERVICES, interceptors=[interceptor])
    server.add(tracking_pb2_grpc.add_TrackingServiceServicer_to_server, servicer)
    writing = asyncio.create_task(committer.run())
    await server.start()
    await until_stopped(server.stop, [writing])


if __name__ == "__main__":
    uvloop.run(serve(load(TrackingSettings)))
