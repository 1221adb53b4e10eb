"""The one place that constructs the parts of this process, and stops them in reverse."""

from __future__ import annotations

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from astegni.attendance.v1 import attendance_pb2, attendance_pb2_grpc
from attendance_service.migrations.history import HISTORY
from attendance_service.servicer import AttendanceServicer
from attendance_service.settings import AttendanceSettings
from attendance_service.store.absence_notices import AbsenceNoticeStore
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.evaluation import EvaluationStore
from attendance_service.store.executor import DatabaseExecutor
from attendance_service.store.policies import PolicyStore
from attendance_service.store.reports import ReportStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.students import StudentStore
from attendance_service.tracking.client import TrackingClient
from attendance_service.tracking.totals import TrackingTotals
from attendance_service.use_cases.absence_service import AbsenceService
from attendance_service.use_cases.bulk_accept import BulkAccept
from attendance_service.use_cases.decision_service import DecisionService
from attendance_service.use_cases.policy_service import PolicyService
from attendance_service.use_cases.report_service import ReportService
from attendance_service.use_cases.session_queries import SessionQueries
from attendance_service.use_cases.suggestion_service import SuggestionService
from attendance_service.wire.suggestions import suggestion_document
from servicekit.auth.service_token import ServiceToken
from servicekit.auth.verifier import configured_verifier
from servicekit.clock import Clock, SystemClock
from servicekit.database.engine import Database
from servicekit.database.migration.history import require_migrated
from servicekit.rpc.interceptor import CallInterceptor
from servicekit.rpc.server import Server

_log = logging.getLogger(__name__)

#: The domain in google.rpc.ErrorInfo.
ERROR_DOMAIN = "attendance.astegni"
_SERVICE_NAME = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"].full_name


class AttendanceApp:
    """All parts of this process; construct it inside a running event loop."""

    def __init__(self, settings: AttendanceSettings) -> None:
        """Construct the parts; nothing listens and nothing connects yet. KeysInvalid if no key can verify a token."""
        clock = SystemClock()
        self._database = Database(
            settings.database_url.get_secret_value(),
            role=settings.attendance_database_role,
            application="attendance_service",
            pool_size=settings.attendance_database_connections,
        )
        self._executor = DatabaseExecutor(self._database, settings.attendance_database_connections)
        self._tracking = TrackingClient(
            settings.tracking_address,
            ServiceToken(settings, service="attendance-service", clock=clock),
            settings.tracking_deadline_seconds,
        )
        self._server = Server(
            f"{settings.listen_host}:{settings.attendance_port}",
            services=(_SERVICE_NAME,),
            interceptors=(CallInterceptor(configured_verifier(settings, clock), domain=ERROR_DOMAIN),),
        )
        attendance_pb2_grpc.add_AttendanceServiceServicer_to_server(self._servicer(settings, clock), self._server.grpc)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    async def start(self) -> None:
        """Listen and report SERVING; StorageUnavailable if the database can't be reached, DatabaseNotMigrated."""
        await require_migrated(self._database, HISTORY)
        await self._server.start()
        _log.info("serving", extra={"port": self.port})

    async def stop(self) -> None:
        """Report NOT_SERVING, finish running calls, then close what they used."""
        await self._server.announce_stop()
        await self._server.stop()
        await self._tracking.close()
        self._executor.close()

    def _servicer(self, settings: AttendanceSettings, clock: Clock) -> AttendanceServicer:
        zone = ZoneInfo(settings.session_timezone)
        sessions = SessionStore(self._executor, zone)
        decisions = DecisionStore(self._executor, sessions)
        policies = PolicyStore(self._executor, timedelta(seconds=settings.presence_timeout_seconds))
        suggestion_service = SuggestionService(sessions=sessions, policies=policies, tracking=self._tracking, zone=zone)
        decision_service = DecisionService(
            sessions=sessions,
            decisions=decisions,
            suggestions=suggestion_service,
            describe=suggestion_document,
            clock=clock,
            zone=zone,
        )
        return AttendanceServicer(
            suggestions=suggestion_service,
            decisions=decision_service,
            absences=AbsenceService(notices=AbsenceNoticeStore(self._executor, sessions), clock=clock, zone=zone),
            bulk_accept=BulkAccept(sessions=sessions, decisions=decision_service),
            sessions=SessionQueries(sessions=sessions, decisions=decisions, suggestions=suggestion_service),
            reports=ReportService(
                reports=ReportStore(self._executor, zone),
                students=StudentStore(self._executor),
                totals=TrackingTotals(self._tracking),
                zone=zone,
            ),
            policies=PolicyService(
                policies=policies,
                past_decisions=EvaluationStore(self._executor, zone),
                tracking=self._tracking,
            ),
            zone=zone,
        )
