"""How many heartbeats over streams the service accepts, beside the limits of the transport and of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from benchmarks import targets
from benchmarks.environment import Environment
from benchmarks.measurement import Measurement, Options, Rounds, Target, interleaved
from benchmarks.report import Report, at_least, at_most
from benchmarks.targets import (
    BARE_READER,
    CLIENT,
    DRIVER_ALONE,
    POSTGRES,
    SERVER,
    SERVICE,
    WITHOUT_STORAGE,
    LoadShape,
)

#: Length of one round.
SECONDS = 10.0
HEADER = ("", "heartbeats/s", "spread", "server us", "PostgreSQL us", "client us", "of the service")

STREAMS = 8
WINDOW = 10_000
BATCH_SESSIONS = 50_000
BATCH_SIZE = 100
SINGLE_SESSIONS = 2_500
MANY_STREAMS = 500
#: More than a stream sends between two acks; all streams together stay below the service's queue.
MANY_STREAMS_WINDOW = 150
BARE_READER_NOTE = f"{BARE_READER}: the same library only reads and acknowledges; nothing is verified or stored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The service beside its limits."""

    rounds: Mapping[str, Rounds]
    connecting: Measurement

    @property
    def service(self) -> Rounds:
        """The rounds of the service."""
        return self.rounds[SERVICE]

    @property
    def processor_ratio(self) -> float:
        """The server's processor time per heartbeat, with storage to without."""
        return self.service.cost(SERVER) / self.rounds[WITHOUT_STORAGE].cost(SERVER)

    def rate_ratio(self, target: str) -> float:
        """Return the service's heartbeats per second to those of a target."""
        return self.service.rate / self.rounds[target].rate

    def rows(self) -> list[Sequence[str]]:
        """Return the rows of the table, the service first."""
        rows = [row(name, measured, self.service.rate) for name, measured in self.rounds.items()]
        return [*rows, row("connecting, once", Rounds([self.connecting]), self.service.rate)]


def batches(environment: Environment, options: Options) -> Report:
    """Measure 8 streams of 100-heartbeat messages; every heartbeat changes rows of its own."""
    shape = batch_shape(options)
    measured = compare(environment, options, shape, beside=DRIVER_ALONE)
    return Report(
        title=f"Batches: {STREAMS} streams, {BATCH_SIZE} heartbeats per message, {shape.participants:,} participants",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable heartbeats/s", measured.service.rate, 120_000),
            at_least("of the driver alone", measured.rate_ratio(DRIVER_ALONE), 0.7, digits=2),
            at_most("server CPU to that without storage", measured.processor_ratio, 2.5, digits=2),
        ),
        notes=(
            "each heartbeat changes two rows, the interval's and the session's",
            "the heartbeats of a session's tutor and student are half a cycle apart, so both change the session's row",
        ),
    )


def batch_shape(options: Options) -> LoadShape:
    """Return the streams of the case `batches`."""
    return LoadShape(
        streams=STREAMS,
        sessions=options.scaled(BATCH_SESSIONS, at_least=STREAMS),
        heartbeats_per_message=BATCH_SIZE,
        window=options.scaled(WINDOW),
    )


def single_heartbeats(environment: Environment, options: Options) -> Report:
    """Measure 8 streams with a message per heartbeat."""
    shape = LoadShape(
        streams=STREAMS,
        sessions=options.scaled(SINGLE_SESSIONS, at_least=STREAMS),
        heartbeats_per_message=1,
        window=options.scaled(WINDOW),
    )
    measured = compare(environment, options, shape)
    return Report(
        title=f"Single heartbeats: {STREAMS} streams, one per message, {shape.participants:,} participants",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable heartbeats/s", measured.service.rate, 45_000),
            at_least("of a bare reader", measured.rate_ratio(BARE_READER), 0.75, digits=2),
            at_most("server CPU to that without storage", measured.processor_ratio, 1.7, digits=2),
        ),
        notes=(BARE_READER_NOTE,),
    )


def many_streams(environment: Environment, options: Options) -> Report:
    """Measure 500 streams of one participant each, every one on its own connection."""
    streams = options.scaled(MANY_STREAMS)
    shape = LoadShape(
        streams=streams,
        sessions=streams,
        heartbeats_per_message=1,
        window=options.scaled(MANY_STREAMS_WINDOW),
        has_tutors=False,
    )
    measured = compare(environment, options, shape)
    acknowledgements = measured.service.median_of(lambda delivered: delivered.acknowledgements_per_second)
    return Report(
        title=f"Many streams: {streams:,} streams of one participant",
        header=HEADER,
        rows=measured.rows(),
        checks=(
            at_least("durable heartbeats/s", measured.service.rate, 35_000),
            at_least("of a bare reader", measured.rate_ratio(BARE_READER), 0.7, digits=2),
            at_most("acks/s of the busiest stream", acknowledgements, 20, digits=1),
        ),
        notes=(
            "every stream has its own connection and one participant, who sends as fast as acks arrive",
            BARE_READER_NOTE,
        ),
    )


def compare(
    environment: Environment,
    options: Options,
    shape: LoadShape,
    *,
    beside: Literal["driver alone", "a bare reader"] = BARE_READER,
) -> Comparison:
    """Measure the service and its limits in turns."""
    with ExitStack() as stack:
        database = stack.enter_context(environment.database(shape.sessions))
        service = stack.enter_context(targets.streams(environment, database, shape))
        without_storage = stack.enter_context(
            targets.streams(
                environment,
                database,
                shape,
                name=WITHOUT_STORAGE,
                module="benchmarks.baselines.without_storage",
            )
        )
        measured: list[Target] = [service, without_storage]
        if beside == BARE_READER:
            bare = targets.streams(environment, database, shape, name=BARE_READER, module=targets.BARE_GRPC)
            measured.append(stack.enter_context(bare))
        else:
            own_database = stack.enter_context(environment.database(shape.sessions))
            measured.append(stack.enter_context(targets.driver_alone(environment, own_database, shape)))
        rounds = interleaved(measured, rounds=options.rounds, seconds=options.duration(SECONDS), log=environment.log)
        return Comparison(rounds=rounds, connecting=service.connecting)


def row(name: str, measured: Rounds, service_rate: float) -> Sequence[str]:
    """Return a row of `HEADER`."""
    costs = [measured.cost(process) for process in (SERVER, POSTGRES, CLIENT)]
    return (
        name,
        f"{measured.rate:,.0f}",
        measured.spread,
        *(f"{cost:.2f}" if cost else "-" for cost in costs),
        f"{measured.rate / service_rate:.2f}",
    )
