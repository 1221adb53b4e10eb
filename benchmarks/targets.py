"""What is measured side by side: the service, the transport alone, the database alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.conversation import Conversation
from benchmarks.load.messages import Beat, Delivered, Join, LoadPlan, Ready, Run
from benchmarks.measurement import Measurement
from benchmarks.processes.driver_alone import DriverPlan
from benchmarks.processor import spent
from benchmarks.workbench import Workbench, relay_token
from testkit.postgres import execute
from tracking_service.ingest.committer import EVENTS_PER_FLUSH

SERVER = "server"
POSTGRES = "PostgreSQL"
CLIENT = "client"

SERVICE = "the service"
WITHOUT_STORAGE = "without storage"
DRIVER_ALONE = "driver alone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Of the streams of a case."""

    streams: int
    sessions: int
    beats_per_message: int
    #: The service's own limit is 10,000.
    window: int
    has_tutors: bool = True

    @property
    def people(self) -> int:
        """How many take part."""
        return self.sessions * (1 + self.has_tutors)

    def plan(self, address: str) -> LoadPlan:
        """Return the plan of a load process."""
        return LoadPlan(
            address=address,
            bearer=relay_token(),
            streams=self.streams,
            sessions=self.sessions,
            roles=("tutor", "student") if self.has_tutors else ("student",),
            beats_per_message=self.beats_per_message,
            window=self.window,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Streams:
    """A server that takes in streams."""

    name: str
    load: Conversation
    processes: dict[str, psutil.Process]
    #: How the people connected.
    joining: Measurement
    #: In which everybody beats once; None: as fast as the server takes it.
    cycle_seconds: float | None = None

    def measure(self, seconds: float) -> Measurement:
        """Let everybody beat for so long."""
        order = Beat(seconds=seconds, cycle_seconds=self.cycle_seconds)
        delivered, processor = spent(self.processes, lambda: self.load.ask(order, Delivered))
        return Measurement(delivered=delivered, processor=processor)


@dataclass(frozen=True, kw_only=True, slots=True)
class DriverAlone:
    """The database and its driver."""

    conversation: Conversation
    processes: dict[str, psutil.Process]
    name: str = DRIVER_ALONE

    def measure(self, seconds: float) -> Measurement:
        """Send recorded transactions for so long."""
        delivered, processor = spent(self.processes, lambda: self.conversation.ask(Run(seconds=seconds), Delivered))
        return Measurement(delivered=delivered, processor=processor)


@contextmanager
def streams(
    workbench: Workbench,
    database: str,
    shape: Shape,
    *,
    name: str = SERVICE,
    module: str = "tracking_service",
) -> Iterator[Streams]:
    """Run a server with all people of a shape connected to it."""
    with workbench.service(database, module) as service, workbench.load(shape.plan(service.address)) as load:
        workbench.say(f"{name}: {shape.people:,} people connect")
        processes = {
            SERVER: psutil.Process(service.pid),
            POSTGRES: workbench.postgres,
            CLIENT: load.process,
        }
        delivered, processor = spent(processes, lambda: load.ask(Join(), Delivered))
        joining = Measurement(delivered=delivered, processor=processor)
        # As autovacuum does within a minute in earnest.
        execute(database, "VACUUM ANALYZE")
        yield Streams(name=name, load=load, processes=processes, joining=joining)


@contextmanager
def driver_alone(workbench: Workbench, database: str, shape: Shape) -> Iterator[DriverAlone]:
    """Prepare the statements of full flushes of a shape's people."""
    with workbench.conversation("benchmarks.processes.driver_alone") as conversation:
        workbench.say(f"{DRIVER_ALONE}: {shape.people:,} people connect")
        plan = DriverPlan(url=database, sessions=shape.sessions, rows_per_transaction=EVENTS_PER_FLUSH)
        conversation.ask(plan, Ready)
        processes = {CLIENT: conversation.process, POSTGRES: workbench.postgres}
        yield DriverAlone(conversation=conversation, processes=processes)
