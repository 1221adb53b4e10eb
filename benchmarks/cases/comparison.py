"""What the first cases have in common: the service beside the limits of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import targets
from benchmarks.measurement import Measurement, Rounds, Target, interleaved
from benchmarks.options import Options
from benchmarks.targets import CLIENT, DRIVER_ALONE, POSTGRES, SERVER, SERVICE, WITHOUT_STORAGE, Shape
from benchmarks.workbench import Workbench

#: Of one round.
SECONDS = 10.0
HEADER = ("", "beats/s", "spread", "server us", "PostgreSQL us", "client us", "of the service")


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Rounds by target."""

    rounds: Mapping[str, Rounds]
    joining: Measurement

    @property
    def service(self) -> Rounds:
        """What the service did."""
        return self.rounds[SERVICE]

    @property
    def processor_ratio(self) -> float:
        """The server's processor time per beat, with storage to without."""
        return self.service.cost(SERVER) / self.rounds[WITHOUT_STORAGE].cost(SERVER)

    def rate_ratio(self, target: str) -> float:
        """Return the service's beats a second to a target's."""
        return self.service.rate / self.rounds[target].rate

    def rows(self) -> list[Sequence[str]]:
        """Return the table's rows, the service first."""
        rows = [row(name, measured, self.service.rate) for name, measured in self.rounds.items()]
        return [*rows, row("connecting, once", Rounds([self.joining]), self.service.rate)]


def compare(workbench: Workbench, options: Options, shape: Shape, *, with_driver: bool = False) -> Comparison:
    """Measure the service and its limits in turns."""
    with ExitStack() as stack:
        database = stack.enter_context(workbench.database(shape.sessions))
        service = stack.enter_context(targets.streams(workbench, database, shape))
        bare = stack.enter_context(
            targets.streams(
                workbench,
                database,
                shape,
                name=WITHOUT_STORAGE,
                module="benchmarks.processes.without_storage",
            )
        )
        measured: list[Target] = [service, bare]
        if with_driver:
            own = stack.enter_context(workbench.database(shape.sessions))
            measured.append(stack.enter_context(targets.driver_alone(workbench, own, shape)))
        rounds = interleaved(measured, rounds=options.rounds, seconds=options.duration(SECONDS), say=workbench.say)
        return Comparison(rounds=rounds, joining=service.joining)


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


__all__ = ["DRIVER_ALONE", "HEADER", "Comparison", "compare", "row"]
