"""Both services as processes of their own on a private PostgreSQL, and calls to them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from astegni.attendance.v1 import attendance_pb2_grpc
from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from benchmarks.environment import durable_postgres
from benchmarks.evaluation.classes import ExpectedClass, JudgedClass
from benchmarks.evaluation.outcomes import SuggestedOutcome
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.reviewer.outcome import Outcome
from benchmarks.evaluation.simulation.calendar import MAX_BACKFILL
from benchmarks.evaluation.simulation.plan import ClassPlan, Role
from benchmarks.evaluation.time_ranges import HOUR
from servicekit.auth.principal import SERVICE_ROLE
from testkit.ports import free_port
from testkit.postgres import migrate
from testkit.service_process import ServiceProcess
from testkit.tokens import metadata, token

#: Schedules have no time zone; one without daylight saving time keeps the calendar simple.
ZONE = "UTC"
_LOG_LEVEL = "warning"
#: The maximum; there is no session yet when the service starts.
_NO_SETTLING = "3600"
_MAX_LOG_CHARACTERS = 2_000
#: An admin may see every session.
_ADMIN_ID = 1
#: A service identity may ask for facts.
_SERVICE = "evaluation"
#: Enough to keep both services busy.
_MAX_CALLS_IN_FLIGHT = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """The URL of the database and the addresses of the services."""

    database: str
    tracking: str
    attendance: str


@contextmanager
def database() -> Iterator[str]:
    """Run a private database server with the tables of both services; yield the database's URL."""
    with durable_postgres() as server:
        migrate(server.url())
        yield server.url()


@contextmanager
def run_services(url: str) -> Iterator[Services]:
    """Run both services on a database."""
    tracking_port, attendance_port = free_port(), free_port()
    settings = {
        "DATABASE_URL": url,
        "TRACKING_PORT": str(tracking_port),
        "TRACKING_ADDRESS": f"127.0.0.1:{tracking_port}",
        "ATTENDANCE_PORT": str(attendance_port),
        "SESSION_TIMEZONE": ZONE,
        "BACKFILL_LIMIT_HOURS": str(MAX_BACKFILL // HOUR),
        # Sessions would be settled before their telemetry is streamed.
        "SETTLING_INTERVAL_SECONDS": _NO_SETTLING,
        "LOG_LEVEL": _LOG_LEVEL,
    }
    with (
        tempfile.TemporaryDirectory(prefix="evaluation-") as directory,
        _running("tracking_service", tracking_port, settings, Path(directory)) as tracking,
        _running("attendance_service", attendance_port, settings, Path(directory)) as attendance,
    ):
        yield Services(database=url, tracking=tracking.address, attendance=attendance.address)


@contextmanager
def _running(module: str, port: int, settings: dict[str, str], directory: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess(module, port, settings, directory / f"{module}.log")
    try:
        process.start()
        yield process
        process.terminate()
    except BaseException as error:
        error.add_note(f"{module}: {process.log()[-_MAX_LOG_CHARACTERS:]}")
        raise
    finally:
        process.stop()


@dataclass(frozen=True, slots=True)
class SuggestionClient:
    """Asks for suggestions, some at a time."""

    _stub: attendance_pb2_grpc.AttendanceServiceAsyncStub
    _limit: asyncio.Semaphore

    async def get(self, number: int) -> pb.GetAttendanceSuggestionResponse:
        """Return the suggestion for a class; AioRpcError."""
        request = pb.GetAttendanceSuggestionRequest(session_id=number)
        async with self._limit:
            return await self._stub.GetAttendanceSuggestion(request, metadata=metadata(token(_ADMIN_ID, "admin")))


@asynccontextmanager
async def suggestion_client(address: str) -> AsyncIterator[SuggestionClient]:
    """Connect to the attendance service."""
    async with aio.insecure_channel(address) as channel:
        stub: attendance_pb2_grpc.AttendanceServiceAsyncStub = attendance_pb2_grpc.AttendanceServiceStub(channel)
        yield SuggestionClient(stub, asyncio.Semaphore(_MAX_CALLS_IN_FLIGHT))


async def get_facts(address: str, plan: ClassPlan, begins: datetime) -> tracking_pb2.GetConnectionMetricsResponse:
    """Return the tracking service's facts of a class's window; AioRpcError."""
    start = begins + timedelta(milliseconds=plan.starts_at)
    request = tracking_pb2.GetConnectionMetricsRequest(session_id=plan.number)
    request.window_start.FromDatetime(start)
    request.window_end.FromDatetime(start + timedelta(milliseconds=plan.length))
    async with aio.insecure_channel(address) as channel:
        stub: tracking_pb2_grpc.PresenceQueryServiceAsyncStub = tracking_pb2_grpc.PresenceQueryServiceStub(channel)
        return await stub.GetConnectionMetrics(request, metadata=metadata(token(_SERVICE, SERVICE_ROLE)))


def verdicts(answer: pb.GetAttendanceSuggestionResponse, plan: ClassPlan) -> Mapping[int, Verdict]:
    """Return the suggestion for each person whom a class is about, by users.id."""
    of_students = {it.user_id: _verdict(it.status_suggestion, it.confidence) for it in answer.students}
    of_tutor = _verdict(answer.tutor_status_suggestion, answer.tutor_confidence)
    return {
        person.user_id: of_tutor if person.role is Role.TUTOR else of_students[person.user_id]
        for person in plan.people
        if person.is_judged
    }


def _verdict(status: pb.AttendanceStatus.ValueType, confidence: pb.Confidence.ValueType) -> Verdict:
    return Verdict(Mark(pb.AttendanceStatus.Name(status)), Confidence(pb.Confidence.Name(confidence)))


def about_class(answer: pb.GetAttendanceSuggestionResponse, expected: ExpectedClass) -> JudgedClass:
    """Return what is suggested about a class as a whole."""
    return JudgedClass(
        expected=expected,
        suggested=_verdict(answer.student_status_suggestion, answer.student_confidence),
        guests=frozenset(guest.user_id for guest in answer.guests),
    )


def outcomes(answer: pb.GetAttendanceSuggestionResponse) -> Mapping[int | None, SuggestedOutcome]:
    """Return what became of a class as a whole (None), and of each student's part in it, by users.id."""
    return {
        None: _outcome(answer.lesson_outcome),
        **{it.user_id: _outcome(it.lesson_outcome) for it in answer.students},
    }


def _outcome(message: pb.LessonOutcome) -> SuggestedOutcome:
    return SuggestedOutcome(
        outcome=Outcome(pb.LessonOutcomeKind.Name(message.outcome)), overlap_minutes=message.overlap_minutes
    )
