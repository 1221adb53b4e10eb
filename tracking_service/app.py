"""The one place that constructs the tracking service, and stops it in reverse."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from servicekit.auth.rotating_keys import rotating_keys
from servicekit.auth.verifier import configured_verifier
from servicekit.clock import seconds
from servicekit.database.clock import DatabaseClock
from servicekit.database.engine import Database
from servicekit.database.migration.history import require_migrated
from servicekit.gateway_probe import GatewayProbe
from servicekit.metrics.asked_gauges import STATEMENT_TIMEOUT, AskedGauges
from servicekit.metrics.calls import CallMetrics
from servicekit.metrics.database_pool import DatabasePoolCollector
from servicekit.metrics.limits import LimitsHit
from servicekit.metrics.server import MetricsServer, process_registry
from servicekit.rpc.handlers import Interceptor
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server
from servicekit.tls.expiry import certificate_expiry
from servicekit.tls.mutual import configured_tls
from servicekit.tracing.configured import configured_tracing
from servicekit.tracing.databases import trace_databases
from tracking_service.errors import QueueFull, TooManyWatches
from tracking_service.folding.fold import Folder
from tracking_service.folding.fold_process import FoldSettings
from tracking_service.folding.schedule import MAX_FOLDS, FoldSchedule
from tracking_service.folding.sweeper import Sweeper
from tracking_service.folding.watched import WatchedSessions
from tracking_service.housekeeping import Housekeeping
from tracking_service.ingest.coverage import Coverage
from tracking_service.ingest.group_commit import MAX_QUEUED_EVENTS, GroupCommitter
from tracking_service.ingest.relay_coverage import RelayCoverageRecorder
from tracking_service.ingest.stream_registry import StreamRegistry
from tracking_service.ingest.unary import UnaryEvents
from tracking_service.instruments.instruments import Instruments
from tracking_service.instruments.state import ProcessState, show
from tracking_service.migrations.history import HISTORY
from tracking_service.queries.engagement import EngagementQuery
from tracking_service.queries.metrics import MetricsQuery
from tracking_service.queries.observation import ObservationQuery
from tracking_service.queries.status import StatusQuery
from tracking_service.recording.appender import Appender
from tracking_service.recording.membership import MembershipFollower
from tracking_service.recording.retention import Retention, RetentionTimes
from tracking_service.recording_health import RecordingHealth
from tracking_service.servicer.identity_limits import LIMITS, configured_limits
from tracking_service.servicer.presence_query import PresenceQueryServicer
from tracking_service.servicer.tracking import Timing, TrackingServicer
from tracking_service.settings import TrackingSettings
from tracking_service.status_subscriptions import StatusSubscriptions
from tracking_service.store.gauges import GAUGES, read_gauges
from tracking_service.store.sql import WRITER_PARAMETERS

_log = logging.getLogger(__name__)

ERROR_DOMAIN = "tracking.astegni"
SERVICES = tuple(service.full_name for service in tracking_pb2.DESCRIPTOR.services_by_name.values())
#: Threads that read and that open streams; more would only queue in PostgreSQL on a small machine.
READERS = 5
#: The writer's pool: one connection for appends, one for the clock, one for each thread that opens a stream or folds
#: what it reads, one for each fold (more than one only where facts are in several shards), and two that ask shards who
#: takes part. Queries have a pool of their own, because the writer's connections limit the planner.
CONNECTIONS = READERS + 2 + MAX_FOLDS + 2
#: At a stop (docs/streams.md#shutdown) streams get this long to settle. All limits of a stop together fit into
#: servicekit.rpc.server.MAX_STOP_SECONDS.
MAX_DRAIN_SECONDS = 3.0
#: Then calls that wait for the last flush get this long to be answered; clients that do not read are cut off.
MAX_LAST_CALLS_SECONDS = 3.0
#: Writing the end of coverage takes milliseconds. If storage is unavailable, the service stops without it.
MAX_COVERAGE_SECONDS = 1.0
SECONDS_PER_HOUR = 3600


class TrackingApp:
    """A running tracking service."""

    def __init__(self, settings: TrackingSettings) -> None:
        """Construct everything; nothing connects or listens yet."""
        timeout = seconds(settings.presence_timeout_seconds)
        self._settings = settings
        #: What Prometheus scrapes of this process.
        self.registry = process_registry()
        instruments = Instruments(self.registry)
        self._database = Database(
            settings.database_url,
            role=settings.tracking_database_role,
            application="tracking_service",
            pool_size=CONNECTIONS,
            parameters=WRITER_PARAMETERS,
        )
        self._read_database = Database(
            settings.database_url,
            role=settings.tracking_database_role,
            application="tracking_service",
            pool_size=READERS,
        )
        self._clock = DatabaseClock(self._database)
        appender = Appender(self._database, instruments.appends)
        self._committer = GroupCommitter(
            appender.write, break_off=self._break_off, instruments=instruments.appends, able=instruments.able
        )
        folder = Folder(self._database, self._clock, timeout=timeout, instruments=instruments.folds)
        self._folding = FoldSchedule(
            folder,
            FoldSettings(
                database_url=settings.database_url,
                database_role=settings.tracking_database_role,
                presence_timeout=timeout,
                log_level=settings.log_level,
            ),
        )
        self._streams = StreamRegistry(self._database, self._committer)
        self._coverage = Coverage(
            self._database,
            self._clock,
            self._committer,
            timeout=timeout,
            instruments=instruments.coverage,
            able=instruments.able,
        )
        self._housekeeping = Housekeeping(
            committer=self._committer,
            appender=appender,
            membership=MembershipFollower(self._read_database, folder.silent),
            coverage=self._coverage,
            relay_coverage=RelayCoverageRecorder(self._database, self._clock, self._streams.live_relays),
            sweeper=Sweeper(self._database, self._clock, folder, timeout=timeout),
            retention=Retention(
                self._read_database,
                RetentionTimes(
                    events=settings.event_retention_days,
                    presence=settings.presence_retention_days,
                    relays=settings.relay_retention_days,
                    journal_hours=settings.journal_retention_hours,
                ),
                folder.silent,
            ),
            clock=self._clock,
            sweeps=instruments.sweeps,
            presence_timeout_seconds=settings.presence_timeout_seconds,
        )
        watched = WatchedSessions(self._database, self._clock, folder, timeout=timeout)
        status = StatusQuery(self._read_database, self._clock, folder, watched, timeout=timeout)
        self._subscriptions = StatusSubscriptions(status, self._clock)
        self._tracking = TrackingServicer(
            unary_events=UnaryEvents(self._committer, folder.total_active, instruments.streams),
            streams=self._streams,
            status=status,
            subscriptions=self._subscriptions,
            limits=configured_limits(settings),
            clock=self._clock,
            arrival_time=self._coverage.arrival_time,
            timing=Timing(
                heartbeat_interval=seconds(settings.heartbeat_interval_seconds),
                presence_timeout=timeout,
                backfill_limit=seconds(settings.backfill_limit_hours * SECONDS_PER_HOUR),
                max_stream_age=seconds(settings.max_stream_age_seconds),
            ),
            instruments=instruments.streams,
        )
        zone = ZoneInfo(settings.session_timezone)
        self._presence_query = PresenceQueryServicer(
            MetricsQuery(
                self._read_database,
                self._clock,
                folder,
                ObservationQuery(self._clock, self._coverage.unrecorded, timeout=timeout),
                timeout=timeout,
                zone=zone,
            ),
            EngagementQuery(self._read_database, folder, zone=zone),
        )
        self._keys = rotating_keys(settings)
        verifier = configured_verifier(settings, self._keys, self._clock)
        hits = LimitsHit(self.registry, [*LIMITS, QueueFull.limit, TooManyWatches.limit])
        interceptors: list[Interceptor] = [
            CallMetrics(self.registry),
            CallInterceptor(verifier, domain=ERROR_DOMAIN, limits_hit=hits),
        ]
        self._tracing = configured_tracing(settings, "tracking_service")
        trace_databases(self._tracing, self._database, self._read_database)
        if self._tracing is not None:
            interceptors.append(self._tracing.server_interceptor())
        address = f"{settings.listen_host}:{settings.tracking_port}"
        self._tls = configured_tls(settings)
        self._expiry = certificate_expiry(settings, self._tls, self.registry)
        self._server = Server(address, services=SERVICES, interceptors=interceptors, tls=self._tls)
        self._gauges = AskedGauges(self.registry, self._gauges_database(), GAUGES, read_gauges)
        DatabasePoolCollector(self.registry, [self._database, self._read_database])
        show(self.registry, self._state())
        self.metrics = MetricsServer(self.registry, settings)
        self._recording_health = RecordingHealth(self._server, instruments.able)
        #: If one of these tasks ends, the service can't do its work.
        self.vital: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port on which the service listens."""
        return self._server.port

    async def start(self) -> None:
        """Connect to the database and serve.

        Raises:
            DatabaseNotMigrated: run the migrations first.
            StorageUnavailable: the database can't be reached.
        """
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READERS, "reader"))
        await require_migrated(self._database, HISTORY)
        await asyncio.to_thread(self._clock.measure)
        self.metrics.start()
        self._server.add(tracking_pb2_grpc.add_TrackingServiceServicer_to_server, self._tracking)
        self._server.add(tracking_pb2_grpc.add_PresenceQueryServiceServicer_to_server, self._presence_query)
        self.vital = [
            asyncio.create_task(self._committer.run()),
            asyncio.create_task(self._subscriptions.run()),
            asyncio.create_task(self._folding.run()),
            asyncio.create_task(self._recording_health.run()),
        ]
        await self._server.start()
        self._coverage.begin()
        jobs = (self._housekeeping, self._keys, self._tls, self._expiry)
        self.vital += [asyncio.create_task(job.run()) for job in jobs if job is not None]
        if self._settings.gateway_probe_address:
            self.vital.append(asyncio.create_task(self._probe(self._settings.gateway_probe_address).run()))
        _log.info("serving", extra={"port": self.port})

    def begin_draining(self) -> None:
        """Ask the clients of all streams and subscriptions to go elsewhere."""
        self._streams.drain()
        self._subscriptions.drain()

    async def stop(self) -> None:
        """Health NOT_SERVING, `draining` on every stream, last flush, last acks, exit (docs/streams.md#shutdown)."""
        writing, *others = self.vital
        await self._server.announce_stop()
        await asyncio.sleep(self._settings.shutdown_delay_seconds)
        self.begin_draining()
        _, still_open = await asyncio.wait([asyncio.ensure_future(self._streams.closed())], timeout=MAX_DRAIN_SECONDS)
        if still_open:
            _log.warning("streams did not settle in time; clients send again what is not acknowledged")
        recording_end = self._coverage.finish()
        self._committer.close()
        await asyncio.wait([writing, asyncio.ensure_future(self._server.stop(grace_seconds=MAX_LAST_CALLS_SECONDS))])
        for task in others:
            task.cancel()
        await asyncio.wait(others)
        await asyncio.wait([recording_end], timeout=MAX_COVERAGE_SECONDS)
        self.metrics.stop()
        self._gauges.stop()
        if self._tracing is not None:
            await self._tracing.stop()
        self._read_database.dispose()
        self._database.dispose()

    def _gauges_database(self) -> Database:
        return Database(
            self._settings.database_url,
            role=self._settings.tracking_database_role,
            application="tracking_service",
            pool_size=1,
            parameters=STATEMENT_TIMEOUT,
        )

    def _state(self) -> ProcessState:
        return ProcessState(
            append_queue_events=lambda: self._committer.queued_events,
            append_queue_limit_events=lambda: MAX_QUEUED_EVENTS,
            append_oldest_wait_seconds=self._committer.oldest_wait_seconds,
            heartbeat_streams=lambda: len(self._streams),
            status_watches=lambda: len(self._subscriptions),
            coverage_age_seconds=self._coverage.age_seconds,
            relay_clock_offset_max_seconds=self._streams.max_clock_offset_seconds,
        )

    def _probe(self, address: str) -> GatewayProbe:
        timeout = self._settings.presence_timeout_seconds
        return GatewayProbe(
            address,
            on_answer=self._coverage.note_gateway,
            presence_timeout_seconds=lambda: timeout,
            authorities=self._settings.probe_authorities,
        )

    def _break_off(self) -> None:
        self._database.break_off()
        self._read_database.break_off()
