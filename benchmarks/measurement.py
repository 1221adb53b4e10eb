"""Measurements of several targets, interleaved, and their medians."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from benchmarks.load.messages import Delivered

MICROSECONDS_PER_SECOND = 1_000_000

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What one target did in one round."""

    delivered: Delivered
    #: Processor seconds by process.
    processor: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.delivered.events / self.delivered.seconds

    def cost(self, process: str) -> float:
        """Processor time of a process, in microseconds per event."""
        return self.processor.get(process, 0.0) / self.delivered.events * MICROSECONDS_PER_SECOND


class Target(Protocol):
    """Something that takes events in."""

    @property
    def name(self) -> str:
        """As in the tables."""

    def measure(self, seconds: float) -> Measurement:
        """Give it events for so long."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """All measurements of one target."""

    measurements: Sequence[Measurement]

    @property
    def rate(self) -> float:
        """Events a second, in the median."""
        return median(measurement.rate for measurement in self.measurements)

    @property
    def spread(self) -> str:
        """From the slowest to the fastest round."""
        rates = [measurement.rate for measurement in self.measurements]
        return f"{min(rates):,.0f}-{max(rates):,.0f}"

    def cost(self, process: str) -> float:
        """Microseconds of a process per event, in the median."""
        return median(measurement.cost(process) for measurement in self.measurements)

    def middle(self, of: Callable[[Delivered], float]) -> float:
        """Return the median of something that the sender saw."""
        return median(of(measurement.delivered) for measurement in self.measurements)


def interleaved(targets: Sequence[Target], *, rounds: int, seconds: float, say: Say) -> dict[str, Rounds]:
    """Measure every target in every round, in turns: what disturbs the machine disturbs all of them."""
    measured: dict[str, list[Measurement]] = {target.name: [] for target in targets}
    for number in range(1, rounds + 1):
        for target in targets:
            measurement = target.measure(seconds)
            measured[target.name].append(measurement)
            say(f"round {number} of {rounds}: {target.name}: {measurement.rate:,.0f}/s")
    return {name: Rounds(measurements) for name, measurements in measured.items()}
