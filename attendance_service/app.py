"""The one place that constructs the parts of this process, and stops them in reverse."""

from __future__ import annotations

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from astegni.attendance.v1 import attendance_pb2, attendance_pb2_grpc
from attendance_service.migrations.history import HISTORY
from attendance_service.servicer.attendance import AttendanceServicer
from attendance_service.settings import AttendanceSettings
from attendance_service.store.decisions import DecisionStore
from attendance_service.store.evaluation import EvaluationStore
from attendance_service.store.policies import PolicyStore
from attendance_service.store.reports import ReportStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.students import StudentStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.tracking.client import TrackingClient
from attendance_service.tracking.credentials import FileTokenSource, SigningTokenSource, TokenSource
from attendance_service.use_cases.apply import Applying
from attendance_service.use_cases.browse import Browsing
from attendance_service.use_cases.decide import Deciding
from attendance_service.use_cases.evaluate import Evaluating
from attendance_service.use_cases.policies import Policies
from attendance_service.use_cases.report import Reporting
from attendance_service.use_cases.students import Students
from attendance_service.use_cases.suggest import Suggesting
from attendance_service.wire.suggestions import suggestion_document
from servicekit.auth.keys import load_keys
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import SystemClock
from servicekit.database.engine import Database
from servicekit.database.migration.history import require_migrated
from servicekit.rpc.auth_interceptor import AuthInterceptor
from servicekit.rpc.server import Server

_log = logging.getLogger(__name__)

#: What google.rpc.ErrorInfo names as the origin of errors.
ERROR_DOMAIN = "attendance.astegni"
_SERVICE_NAME = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"].full_name


class AttendanceApp:
    """Everything this process is made of; construct it inside a running event loop."""

    def __init__(self, settings: AttendanceSettings) -> None:
        """Construct top down; nothing listens and nothing connects yet. KeysInvalid if no key can verify a token."""
        clock = SystemClock()
        keys = load_keys(settings.jwt_hs256_secret.get_secret_value(), settings.jwt_jwks_file)
        self._database = _database(settings)
        self._threads = DatabaseThreads(settings.attendance_database_connections)
        self._tracking = TrackingClient(settings.tracking_address, _token_source(settings, clock))
        self._server = Server(
            f"{settings.listen_host}:{settings.attendance_port}",
            services=(_SERVICE_NAME,),
            interceptors=(AuthInterceptor(TokenVerifier(keys, clock), domain=ERROR_DOMAIN),),
        )
        attendance_pb2_grpc.add_AttendanceServiceServicer_to_server(self._servicer(settings), self._server.grpc)

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
        """Report NOT_SERVING, finish what runs, then close what it ran on."""
        await self._server.announce_stop()
        await self._server.stop()
        await self._tracking.close()
        self._threads.close()
        self._database.dispose()

    def _servicer(self, settings: AttendanceSettings) -> AttendanceServicer:
        zone = ZoneInfo(settings.session_timezone)
        policies = PolicyStore(self._database, timedelta(seconds=settings.presence_timeout_seconds))
        sessions = SessionStore(self._database)
        decisions = DecisionStore(self._database, sessions)
        suggesting = Suggesting(
            sessions=sessions,
            threads=self._threads,
            tracking=self._tracking,
            policies=policies,
            zone=zone,
            deadline_seconds=settings.tracking_deadline_seconds,
        )
        deciding = Deciding(
            sessions=sessions,
            decisions=decisions,
            threads=self._threads,
            suggesting=suggesting,
            describe=suggestion_document,
        )
        browsing = Browsing(sessions=sessions, decisions=decisions, threads=self._threads, suggesting=suggesting)
        reporting = Reporting(
            reports=ReportStore(self._database, zone),
            threads=self._threads,
            tracking=self._tracking,
            zone=zone,
            deadline_seconds=settings.tracking_deadline_seconds,
        )
        evaluating = Evaluating(
            decisions=EvaluationStore(self._database, zone),
            threads=self._threads,
            tracking=self._tracking,
            deadline_seconds=settings.tracking_deadline_seconds,
        )
        return AttendanceServicer(
            suggesting=suggesting,
            deciding=deciding,
            applying=Applying(sessions=sessions, threads=self._threads, deciding=deciding),
            browsing=browsing,
            students=Students(students=StudentStore(self._database), threads=self._threads),
            reporting=reporting,
            policies=Policies(policies=policies, threads=self._threads),
            evaluating=evaluating,
            zone=zone,
        )


def _database(settings: AttendanceSettings) -> Database:
    return Database(
        settings.database_url.get_secret_value(),
        role=settings.attendance_database_role,
        application="attendance_service",
        pool_size=settings.attendance_database_connections,
    )


def _token_source(settings: AttendanceSettings, clock: SystemClock) -> TokenSource:
    secret = settings.jwt_hs256_secret.get_secret_value()
    if secret:
        return SigningTokenSource(secret, clock)
    if settings.service_token_file is None:
        raise ValueError("settings without a way to a service token")
    return FileTokenSource(settings.service_token_file)
