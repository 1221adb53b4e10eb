"""The one place that constructs the parts of this process, and stops them in reverse."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from astegni.attendance.v1 import attendance_pb2, attendance_pb2_grpc
from attendance_service.domain.policy import Limits
from attendance_service.instruments import Instruments
from attendance_service.migrations.history import HISTORY
from attendance_service.servicer import AttendanceServicer
from attendance_service.settings import AttendanceSettings
from attendance_service.store.absence_notices import AbsenceNoticeStore
from attendance_service.store.attendance_trend import AttendanceTrendStore
from attendance_service.store.callers import CallerStore
from attendance_service.store.claims import ClaimStore
from attendance_service.store.courses import CourseStore
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.evaluation import EvaluationStore
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.gauges import GAUGES, GaugeQuestions
from attendance_service.store.history import LedgerReader
from attendance_service.store.inbox import InboxStore
from attendance_service.store.ledger_checkpoints import LedgerCheckpointStore
from attendance_service.store.lesson_outcomes import LessonOutcomeStore
from attendance_service.store.policies import PolicyStore
from attendance_service.store.reports import ReportStore
from attendance_service.store.retention import RetentionStore, RetentionTimes
from attendance_service.store.sessions import SessionStore
from attendance_service.store.settlements import SettlementStore
from attendance_service.store.settling_queue import SettlingQueue
from attendance_service.store.students import StudentStore
from attendance_service.store.students_at_risk import StudentsAtRiskStore
from attendance_service.tracking.client import TrackingClient
from attendance_service.tracking.totals import TrackingTotals
from attendance_service.use_cases.absence_service import AbsenceService
from attendance_service.use_cases.bulk_accept import BulkAccept
from attendance_service.use_cases.caller_queries import CallerQueries
from attendance_service.use_cases.claim_service import ClaimService
from attendance_service.use_cases.decision_service import DecisionService
from attendance_service.use_cases.ledger_checkpoints import CheckpointJob
from attendance_service.use_cases.policy_service import PolicyService
from attendance_service.use_cases.report_service import ReportService
from attendance_service.use_cases.retention import RetentionJob
from attendance_service.use_cases.session_queries import SessionQueries
from attendance_service.use_cases.settling import MAX_STOP_SECONDS, Settler, SettlingJob
from attendance_service.use_cases.suggestion_service import SuggestionService
from attendance_service.use_cases.trend_service import TrendService
from attendance_service.wire.free_texts import FreeTexts
from attendance_service.wire.suggestions import suggestion_document
from servicekit.auth.rotating_keys import rotating_keys
from servicekit.auth.service_token import ServiceToken
from servicekit.auth.verifier import configured_verifier
from servicekit.clock import Clock, SystemClock
from servicekit.database.engine import Database
from servicekit.database.migration.history import require_migrated
from servicekit.metrics.asked_gauges import STATEMENT_TIMEOUT, AskedGauges
from servicekit.metrics.calls import CallMetrics
from servicekit.metrics.database_pool import DatabasePoolCollector
from servicekit.metrics.limits import LimitsHit
from servicekit.metrics.server import MetricsServer, process_registry
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server
from servicekit.tls.expiry import certificate_expiry
from servicekit.tls.mutual import configured_tls
from servicekit.tracing.configured import configured_tracing
from servicekit.tracing.databases import trace_databases

_log = logging.getLogger(__name__)

#: The domain in google.rpc.ErrorInfo.
ERROR_DOMAIN = "attendance.astegni"
_SERVICE_NAME = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"].full_name


class AttendanceApp:
    """All parts of this process; construct it inside a running event loop."""

    def __init__(self, settings: AttendanceSettings) -> None:
        """Construct the parts; nothing listens or connects yet. KeysInvalid, TlsInvalid."""
        clock = SystemClock()
        #: What Prometheus scrapes of this process.
        self.registry = process_registry()
        self._instruments = Instruments(self.registry)
        self._shutdown_delay_seconds = settings.shutdown_delay_seconds
        self._database = Database(
            settings.database_url.get_secret_value(),
            role=settings.attendance_database_role,
            application="attendance_service",
            pool_size=settings.attendance_database_connections,
        )
        self._tracing = configured_tracing(settings, "attendance_service")
        trace_databases(self._tracing, self._database)
        self._executor = DatabaseExecutor(self._database, settings.attendance_database_connections)
        self._keys = rotating_keys(settings)
        self._tls = configured_tls(settings)
        self._expiry = certificate_expiry(settings, self._tls, self.registry)
        self._tracking = TrackingClient(
            settings.tracking_address,
            ServiceToken(settings, keys=self._keys, service="attendance-service", clock=clock),
            settings.tracking_deadline_seconds,
            self._tls,
            on_failure=self._instruments.note_tracking_unavailable,
            interceptors=() if self._tracing is None else self._tracing.client_interceptors(),
        )
        self._server = Server(
            f"{settings.listen_host}:{settings.attendance_port}",
            services=(_SERVICE_NAME,),
            interceptors=(
                CallMetrics(self.registry),
                CallInterceptor(
                    configured_verifier(settings, self._keys, clock),
                    domain=ERROR_DOMAIN,
                    limits_hit=LimitsHit(self.registry),
                ),
                *(() if self._tracing is None else (self._tracing.server_interceptor(),)),
            ),
            tls=self._tls,
        )
        zone = ZoneInfo(settings.session_timezone)
        self._sessions = SessionStore(self._executor, zone)
        self._policies = PolicyStore(self._executor, timedelta(seconds=settings.presence_timeout_seconds))
        self._settlements = SettlementStore(self._executor)
        self._suggestions = SuggestionService(
            sessions=self._sessions,
            policies=self._policies,
            tracking=self._tracking,
            settlements=self._settlements,
            settle_again=lambda session_id: self._settler.settle([session_id]),
            zone=zone,
            instruments=self._instruments,
        )
        settling_time = Limits(presence_timeout=timedelta(seconds=settings.presence_timeout_seconds)).settling_time
        queue = SettlingQueue(
            self._executor, zone, settling_time=settling_time, batch_size=settings.settling_batch_sessions
        )
        self._settler = Settler(
            sessions=self._sessions,
            suggestions=self._suggestions,
            settlements=self._settlements,
            queue=queue,
            describe=suggestion_document,
            clock=clock,
            zone=zone,
            settling_time=settling_time,
            backfill_limit=timedelta(hours=settings.backfill_limit_hours),
        )
        #: Also for tests and commands that do not wait for its next round.
        self.settling = SettlingJob(
            settler=self._settler,
            queue=queue,
            clock=clock,
            zone=zone,
            interval_seconds=settings.settling_interval_seconds,
        )
        gauges_database = Database(
            settings.database_url.get_secret_value(),
            role=settings.attendance_database_role,
            application="attendance_service",
            pool_size=1,
            parameters=STATEMENT_TIMEOUT,
        )
        self._gauges = AskedGauges(self.registry, gauges_database, GAUGES, GaugeQuestions(zone, settling_time))
        DatabasePoolCollector(self.registry, [self._database])
        self.metrics = MetricsServer(self.registry, settings)
        self._texts = FreeTexts(settings.free_text_markup)
        self._checkpoints = CheckpointJob(LedgerCheckpointStore(self._executor))
        times = RetentionTimes(evidence=settings.evidence_retention_days, notes=settings.note_retention_days)
        self._retention = RetentionJob(RetentionStore(self._database, times))
        self._jobs: set[asyncio.Task[None]] = set()
        #: If one of these tasks ends, the process has to end.
        self.vital: list[asyncio.Task[None]] = []
        self._server.add(attendance_pb2_grpc.add_AttendanceServiceServicer_to_server, self._servicer(clock, zone))

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    async def start(self) -> None:
        """Listen and report SERVING; StorageUnavailable if the database can't be reached, DatabaseNotMigrated."""
        await require_migrated(self._database, HISTORY)
        self.metrics.start()
        await self._server.start()
        self._jobs = {asyncio.create_task(self.settling.run()), asyncio.create_task(self._checkpoints.run())}
        self._jobs.add(asyncio.create_task(self._retention.run()))
        works = (self._keys, self._tls, self._expiry)
        self.vital = [asyncio.create_task(work.run()) for work in works if work is not None]
        _log.info("serving", extra={"port": self.port})

    async def stop(self) -> None:
        """Report NOT_SERVING, finish running calls and what jobs are doing, then close what they used."""
        self.settling.stop()
        self._checkpoints.stop()
        self._retention.stop()
        await self._server.announce_stop()
        await asyncio.gather(self._stop_server(), self._end_jobs())
        for task in self.vital:
            task.cancel()
        await self._tracking.close()
        self.metrics.stop()
        self._gauges.stop()
        if self._tracing is not None:
            await self._tracing.stop()
        self._executor.close()

    async def _stop_server(self) -> None:
        await asyncio.sleep(self._shutdown_delay_seconds)
        await self._server.stop()

    async def _end_jobs(self) -> None:
        if self._jobs:
            _, running = await asyncio.wait(self._jobs, timeout=MAX_STOP_SECONDS)
            for job in running:
                # Another replica takes over what it had claimed.
                job.cancel()

    def _servicer(self, clock: Clock, zone: ZoneInfo) -> AttendanceServicer:
        decisions = DecisionStore(self._executor, self._sessions, self._instruments)
        decision_service = DecisionService(
            sessions=self._sessions,
            decisions=decisions,
            suggestions=self._suggestions,
            describe=suggestion_document,
            clock=clock,
            zone=zone,
        )
        reports = ReportStore(self._executor, zone)
        return AttendanceServicer(
            suggestions=self._suggestions,
            decisions=decision_service,
            bulk_accept=BulkAccept(
                sessions=self._sessions,
                decisions=decisions,
                suggestions=self._suggestions,
                settlements=self._settlements,
                settler=self._settler,
                clock=clock,
                zone=zone,
            ),
            sessions=SessionQueries(
                sessions=self._sessions,
                ledger=LedgerReader(self._executor),
                suggestions=self._suggestions,
                settlements=self._settlements,
            ),
            absences=AbsenceService(notices=AbsenceNoticeStore(self._executor, self._sessions), clock=clock, zone=zone),
            claims=ClaimService(
                sessions=self._sessions,
                claims=ClaimStore(self._executor, self._sessions, decisions),
                inbox=InboxStore(self._executor, self._sessions, zone),
                decisions=decision_service,
                suggestions=self._suggestions,
                clock=clock,
                zone=zone,
            ),
            reports=ReportService(
                reports=reports,
                outcomes=LessonOutcomeStore(self._executor),
                students=StudentStore(self._executor),
                totals=TrackingTotals(self._tracking),
                zone=zone,
            ),
            trends=TrendService(
                reports=reports,
                trend=AttendanceTrendStore(self._executor, zone),
                at_risk=StudentsAtRiskStore(self._executor, zone),
                clock=clock,
                zone=zone,
            ),
            callers=CallerQueries(callers=CallerStore(self._executor)),
            policies=PolicyService(
                policies=self._policies,
                courses=CourseStore(self._executor),
                past_decisions=EvaluationStore(self._executor, zone),
                tracking=self._tracking,
            ),
            texts=self._texts,
            zone=zone,
        )
