"""Plans carried out: everybody's truth and telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.evaluation.moments import Stretch
from benchmarks.evaluation.simulation import delivery, tabs
from benchmarks.evaluation.simulation.behaviours import stay
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.drawing import person_random
from benchmarks.evaluation.simulation.plan import ClassPlan, PersonPlan
from benchmarks.evaluation.simulation.signals import Signal, signals
from benchmarks.evaluation.simulation.words import Fault, Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedPerson:
    """One participant of a simulated class."""

    plan: PersonPlan
    #: When they were really there; not clipped to the window.
    truth: tuple[Stretch, ...]
    #: In the order in which it comes in.
    telemetry: Sequence[Telemetry]
    #: What did go wrong.
    faults: frozenset[Fault]


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedClass:
    """One class."""

    plan: ClassPlan
    people: tuple[SimulatedPerson, ...]


def simulate(seed: int, plan: ClassPlan) -> SimulatedClass:
    """Carry out a plan."""
    return SimulatedClass(plan=plan, people=tuple(_person(seed, plan, person) for person in plan.people))


def _person(seed: int, plan: ClassPlan, person: PersonPlan) -> SimulatedPerson:
    random = person_random(seed, person)
    common = _faults_of_class(plan)
    there = stay(person.behaviour, plan.length, random)
    if there is None:
        return SimulatedPerson(plan=person, truth=(), telemetry=(), faults=common)
    opened = tabs.tabs(there, person.faults, random)
    told = sorted(signal for tab in opened for signal in signals(tab, random))
    kept = delivery.lose(told, person.faults, random)
    telemetry = delivery.deliver(kept, person.faults, plan.outage, random)
    return SimulatedPerson(
        plan=person,
        truth=tabs.truth(opened),
        telemetry=telemetry,
        faults=common | _that_struck(person, opened, told, kept, telemetry),
    )


def _faults_of_class(plan: ClassPlan) -> frozenset[Fault]:
    faults = {Fault.SHORT_LESSON} if plan.is_short else set()
    return frozenset(faults | ({plan.outage.fault} if plan.outage else set()))


def _that_struck(
    person: PersonPlan,
    opened: Sequence[tabs.Tab],
    told: Sequence[Signal],
    kept: Sequence[Signal],
    telemetry: Sequence[Telemetry],
) -> frozenset[Fault]:
    """Return which of the planned faults found something to strike."""
    visible = frozenset().union(*(tab.causes for tab in opened))
    struck = {
        *visible,
        *((Fault.TWO_TABS,) if len(opened) > 1 else ()),
        *((Fault.LOST_CONNECT, Fault.LOST_DISCONNECT) if told else ()),
        *((Fault.LOST_HEARTBEATS,) if _heartbeats(kept) < _heartbeats(told) else ()),
        *((Fault.DUPLICATES, Fault.DISORDER, Fault.RELAY_BUFFERING) if telemetry else ()),
    }
    return person.faults & struck


def _heartbeats(signals: Sequence[Signal]) -> int:
    return sum(signal.kind is Kind.HEARTBEAT for signal in signals)
