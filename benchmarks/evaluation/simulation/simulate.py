"""Simulates a plan: the truth and the telemetry of every person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.evaluation.simulation import tabs, telemetry
from benchmarks.evaluation.simulation.behaviours import stay
from benchmarks.evaluation.simulation.drawing import person_random
from benchmarks.evaluation.simulation.plan import ClassPlan, EventKind, Fault, PersonPlan
from benchmarks.evaluation.simulation.tabs import Tab
from benchmarks.evaluation.simulation.telemetry import Sent, Telemetry
from benchmarks.evaluation.time_ranges import TimeRange


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedPerson:
    """One participant of a simulated class."""

    plan: PersonPlan
    #: When the person was really present; not clipped to the window.
    truth: tuple[TimeRange, ...]
    #: In the order of its arrival.
    telemetry: Sequence[Telemetry]
    #: The faults that had an effect.
    faults: frozenset[Fault]


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedClass:
    """One class."""

    plan: ClassPlan
    people: tuple[SimulatedPerson, ...]

    @property
    def judged(self) -> tuple[SimulatedPerson, ...]:
        """Those whose attendance the session decides."""
        return tuple(person for person in self.people if person.plan.is_judged)


def simulate(seed: int, plan: ClassPlan) -> SimulatedClass:
    """Simulate a class."""
    return SimulatedClass(plan=plan, people=tuple(_person(seed, plan, person) for person in plan.people))


def _person(seed: int, plan: ClassPlan, person: PersonPlan) -> SimulatedPerson:
    random = person_random(seed, person)
    present = stay(person.behaviour, plan.length, random)
    if present is None:
        return SimulatedPerson(plan=person, truth=(), telemetry=(), faults=plan.faults)
    opened = tabs.open_tabs(present.shifted(plan.shift), person.faults, random)
    sent = sorted(item for tab in opened for item in telemetry.send(tab, random))
    remaining = telemetry.lose(sent, person.faults, random)
    delivered = telemetry.deliver(remaining, person.faults, plan.outage, random)
    return SimulatedPerson(
        plan=person,
        truth=tabs.truth(opened),
        telemetry=delivered,
        faults=plan.faults | _effective_faults(person, opened, sent, remaining, delivered),
    )


def _effective_faults(
    person: PersonPlan,
    opened: Sequence[Tab],
    sent: Sequence[Sent],
    remaining: Sequence[Sent],
    delivered: Sequence[Telemetry],
) -> frozenset[Fault]:
    """Return the planned faults that had an effect."""
    effective = {
        *frozenset().union(*(tab.faults for tab in opened)),
        *((Fault.TWO_TABS,) if len(opened) > 1 else ()),
        *((Fault.LOST_CONNECT, Fault.LOST_DISCONNECT) if sent else ()),
        *((Fault.LOST_HEARTBEATS,) if _count_heartbeats(remaining) < _count_heartbeats(sent) else ()),
        *((Fault.DUPLICATES, Fault.DISORDER, Fault.RELAY_BUFFERING) if delivered else ()),
    }
    return person.faults & effective


def _count_heartbeats(sent: Sequence[Sent]) -> int:
    return sum(item.kind is EventKind.HEARTBEAT for item in sent)
