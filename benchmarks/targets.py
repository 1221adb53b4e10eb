"""What is measured side by side: the service, the transport alone, the database alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import psutil

from benchmarks.baselines.database_driver import DriverPlan
from benchmarks.baselines.replaced_system import ReplacedSystemPlan
from benchmarks.child_process import ChildProcess
from benchmarks.environment import Environment, relay_token
from benchmarks.load.messages import Connect, Delivered, Ready, Run, SendHeartbeats, StreamPlan
from benchmarks.load.rest_load import RestPlan
from benchmarks.measurement import Measurement
from benchmarks.resources import measure_processor
from testkit.postgres import execute
from testkit.tokens import SECRET
from tracking_service.ingest.group_commit import MAX_EVENTS_PER_FLUSH

SERVER = "server"
POSTGRES = "PostgreSQL"
CLIENT = "client"

SERVICE = "the service"
WITHOUT_STORAGE = "without storage"
DRIVER_ALONE: Literal["driver alone"] = "driver alone"
BARE_READER: Literal["a bare reader"] = "a bare reader"
#: The module of the bare reader, and of the bare handler of unary calls.
BARE_GRPC = "benchmarks.baselines.bare_grpc"
#: The replaced system.
LEAN, AS_BUILT = "the replaced system, at its least", "the replaced system, as built"
_REPLACED_SYSTEMS = {
    LEAN: "benchmarks.baselines.replaced_system",
    AS_BUILT: "benchmarks.baselines.replaced_system_as_built",
}
#: Requests of REST at once.
IN_FLIGHT = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadShape:
    """How many streams and participants a case has, and how they send."""

    streams: int
    sessions: int
    heartbeats_per_message: int
    #: Events that may be unacknowledged on a stream; the service's own limit is 10,000.
    window: int
    has_tutors: bool = True

    @property
    def participants(self) -> int:
        """How many participants take part."""
        return self.sessions * (1 + self.has_tutors)

    def plan(self, address: str) -> StreamPlan:
        """Return the plan of a load process."""
        return StreamPlan(
            address=address,
            bearer=relay_token(),
            streams=self.streams,
            sessions=self.sessions,
            roles=("tutor", "student") if self.has_tutors else ("student",),
            heartbeats_per_message=self.heartbeats_per_message,
            window=self.window,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamTarget:
    """A server that receives heartbeats over streams."""

    name: str
    load: ChildProcess
    processes: dict[str, psutil.Process]
    #: What connecting the participants cost.
    connecting: Measurement
    #: Each participant sends one heartbeat in this time; None: as fast as the server accepts them.
    cycle_seconds: float | None = None

    def measure(self, seconds: float) -> Measurement:
        """Send heartbeats of all participants."""
        return measure_request(
            self.processes, self.load, SendHeartbeats(seconds=seconds, cycle_seconds=self.cycle_seconds)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTarget:
    """A child process that does its own work when asked to."""

    name: str
    child: ChildProcess
    processes: dict[str, psutil.Process]

    def measure(self, seconds: float) -> Measurement:
        """Let it work."""
        return measure_request(self.processes, self.child, Run(seconds=seconds))


def measure_request(
    processes: dict[str, psutil.Process], child: ChildProcess, request: Connect | SendHeartbeats | Run
) -> Measurement:
    """Send a request to a child process, and measure until it is answered."""
    delivered, processor = measure_processor(processes, lambda: child.request(request, Delivered))
    return Measurement(delivered=delivered, processor=processor)


@contextmanager
def streams(
    environment: Environment,
    database: str,
    shape: LoadShape,
    *,
    name: str = SERVICE,
    module: str = "tracking_service",
) -> Iterator[StreamTarget]:
    """Run a server to which all participants are connected."""
    with (
        environment.service(database, module) as service,
        environment.stream_load(shape.plan(service.address)) as load,
    ):
        environment.log(f"{name}: {shape.participants:,} participants connect")
        processes = {
            SERVER: psutil.Process(service.pid),
            POSTGRES: environment.postgres,
            CLIENT: load.process,
        }
        connecting = measure_request(processes, load, Connect())
        # In production autovacuum does this within a minute.
        execute(database, "VACUUM ANALYZE")
        yield StreamTarget(name=name, load=load, processes=processes, connecting=connecting)


@contextmanager
def driver_alone(environment: Environment, database: str, shape: LoadShape) -> Iterator[RunTarget]:
    """Run a process that sends the statements of full flushes and does nothing else."""
    with environment.child("benchmarks.baselines.database_driver") as child:
        environment.log(f"{DRIVER_ALONE}: {shape.participants:,} participants connect")
        plan = DriverPlan(url=database, sessions=shape.sessions, rows_per_transaction=MAX_EVENTS_PER_FLUSH)
        child.request(plan, Ready)
        processes = {CLIENT: child.process, POSTGRES: environment.postgres}
        yield RunTarget(name=DRIVER_ALONE, child=child, processes=processes)


@contextmanager
def replaced_system(environment: Environment, database: str, participants: int, name: str) -> Iterator[RunTarget]:
    """Run the replaced system, `LEAN` or `AS_BUILT`, with a load of REST heartbeats."""
    with environment.child(_REPLACED_SYSTEMS[name]) as server:
        port = server.request(ReplacedSystemPlan(url=database, secret=SECRET), Ready).port
        with rest_load(environment, port, participants) as load:
            processes = {SERVER: server.process, POSTGRES: environment.postgres, CLIENT: load.process}
            yield RunTarget(name=name, child=load, processes=processes)


@contextmanager
def rest_load(environment: Environment, port: int, participants: int) -> Iterator[ChildProcess]:
    """Run a load process of REST heartbeats."""
    with environment.child("benchmarks.load.rest_load") as load:
        load.request(RestPlan(port=port, secret=SECRET, sessions=participants, in_flight=IN_FLIGHT), Ready)
        yield load
