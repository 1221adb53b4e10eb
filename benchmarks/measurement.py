"""Measurements: how much is measured, several targets in turns, and the medians of their rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Protocol

from benchmarks.citus_worker import WorkerCommands
from benchmarks.load.messages import Delivered

MICROSECONDS_PER_SECOND = 1_000_000

Log = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How much is measured, and for how long: what the command line chose."""

    #: Medians are taken over this many interleaved rounds.
    rounds: int = 5
    #: Length of one measurement; None: what the case asks for.
    seconds: float | None = None
    #: Share of the participants, sessions and streams of a case that take part.
    scale: float = 1.0
    #: By how much the periods of a case that simulates real use are shortened.
    time_scale: float = 1.0
    #: How a worker of the cluster is stopped and started meanwhile, if the database is on one.
    worker: WorkerCommands | None = None

    def duration(self, default: float) -> float:
        """Return the seconds of one measurement; `default` is what the case asks for."""
        return default if self.seconds is None else self.seconds

    def scaled(self, count: int, *, at_least: int = 1) -> int:
        """Return how many of `count` take part."""
        return max(round(count * self.scale), at_least)


#: Shows that every case still works; the figures mean nothing.
QUICK = Options(rounds=1, seconds=0.5, scale=0.004, time_scale=1 / 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What one target did in one round."""

    delivered: Delivered
    #: Processor seconds by process.
    processor: Mapping[str, float]
    #: Written to the log of the database meanwhile, where that is measured.
    log_bytes: int = 0

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.delivered.events / self.delivered.seconds

    def cost(self, process: str) -> float:
        """Return the processor time of a process in microseconds per event; 0 if it is not part of the target."""
        return self.processor.get(process, 0.0) / self.delivered.events * MICROSECONDS_PER_SECOND

    @property
    def log_bytes_per_event(self) -> float:
        """Bytes of the database's log per event."""
        return self.log_bytes / self.delivered.events


def with_log(log_size: Callable[[], int], measure: Callable[[], Measurement]) -> Measurement:
    """Measure, and add by how many bytes the log grew meanwhile."""
    before = log_size()
    return replace(measure(), log_bytes=log_size() - before)


class Target(Protocol):
    """Something that is measured."""

    @property
    def name(self) -> str:
        """The name in the tables."""

    def measure(self, seconds: float) -> Measurement:
        """Send it events for so many seconds."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """All measurements of one target."""

    measurements: Sequence[Measurement]

    @property
    def rate(self) -> float:
        """Median of the events per second."""
        return median(measurement.rate for measurement in self.measurements)

    @property
    def spread(self) -> str:
        """Events per second of the slowest and of the fastest round."""
        rates = [measurement.rate for measurement in self.measurements]
        return f"{min(rates):,.0f}-{max(rates):,.0f}"

    def cost(self, process: str) -> float:
        """Return the median of a process's microseconds per event."""
        return median(measurement.cost(process) for measurement in self.measurements)

    @property
    def log_bytes_per_event(self) -> float:
        """Median of the bytes of the database's log per event."""
        return median(measurement.log_bytes_per_event for measurement in self.measurements)

    def median_of(self, value: Callable[[Delivered], float]) -> float:
        """Return the median of a value that the sender measured."""
        return median(value(measurement.delivered) for measurement in self.measurements)


def interleaved(targets: Sequence[Target], *, rounds: int, seconds: float, log: Log) -> dict[str, Rounds]:
    """Measure every target in every round, in turns: whatever disturbs the machine disturbs all of them."""
    measured: dict[str, list[Measurement]] = {target.name: [] for target in targets}
    for number in range(1, rounds + 1):
        for target in targets:
            measurement = target.measure(seconds)
            measured[target.name].append(measurement)
            log(f"round {number} of {rounds}: {target.name}: {measurement.rate:,.0f}/s")
    return {name: Rounds(measurements) for name, measurements in measured.items()}
