"""Everything in its order: plan, schedule, stream, ask, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from benchmarks.evaluation.live import asking, coverage, platform, streaming
from benchmarks.evaluation.live.services import Services
from benchmarks.evaluation.progress import Progress
from benchmarks.evaluation.review.marks import Verdict
from benchmarks.evaluation.scoring.judged import Expected, Judged, expected
from benchmarks.evaluation.simulation.calendar import LONGEST_BACKFILL
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import ClassPlan
from benchmarks.evaluation.simulation.simulated import simulate
from benchmarks.evaluation.timeline import Timeline

#: Classes whose telemetry comes in side by side.
SIDE_BY_SIDE = 50
#: Between the oldest event that may be told and the start of the calendar: a long run, and people who come early.
_RESERVE = timedelta(hours=3)


def calendar_start(now: datetime) -> datetime:
    """Return the start of the calendar of an evaluation that begins now: a whole hour."""
    earliest = now - timedelta(milliseconds=LONGEST_BACKFILL) + _RESERVE
    return earliest.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """What came of an evaluation."""

    judged: Sequence[Judged]
    #: How many went through the tracking service.
    events: int


def evaluate(services: Services, seed: int, numbers: Sequence[int]) -> Evaluated:
    """Evaluate classes, by their numbers."""
    plans = [draw(seed, number) for number in numbers]
    return asyncio.run(_evaluate(services, seed, plans, calendar_start(datetime.now(UTC))))


def replay(services: Services, seed: int, number: int) -> str:
    """Run one class alone and tell it."""
    plan = draw(seed, number)
    return asyncio.run(_replay(services, seed, plan, calendar_start(datetime.now(UTC))))


@dataclass(slots=True)
class _Happened:
    """What was streamed, and what is expected of it."""

    awaited: list[Expected] = field(default_factory=list)
    events: int = 0


async def _evaluate(services: Services, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> Evaluated:
    happened = await _let_happen(services, seed, plans, begins)
    suggested = await _ask(services.attendance, plans)
    judged = [Judged(expected=one, ours=suggested[one.user_id]) for one in happened.awaited]
    return Evaluated(judged=judged, events=happened.events)


async def _replay(services: Services, seed: int, plan: ClassPlan, begins: datetime) -> str:
    await _let_happen(services, seed, [plan], begins)
    facts = await asking.facts(services.tracking, plan, begins)
    async with asking.asking(services.attendance) as suggestions:
        suggestion = await suggestions.of(plan.number)
    return str(Timeline(simulate(seed, plan), begins, facts, suggestion))


async def _let_happen(services: Services, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> _Happened:
    """Schedule classes, and let everything that happens in them come in."""
    platform.schedule(services.database, plans, begins)
    coverage.record_coverage(services.database, seed, begins)
    happened = await _stream(services.tracking, seed, plans, begins)
    coverage.record_resumed_streams(services.database, streaming.RESUMING, begins)
    return happened


async def _stream(address: str, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> _Happened:
    happened = _Happened()
    progress = Progress("classes streamed", len(plans))
    async with streaming.relaying(address) as relays:
        for some in _portions(plans):
            classes = [simulate(seed, plan) for plan in some]
            happened.awaited += [
                expected(simulated.plan, person) for simulated in classes for person in simulated.people
            ]
            happened.events += await streaming.stream(relays, classes, begins)
            progress.advance(len(classes))
    return happened


async def _ask(address: str, plans: Sequence[ClassPlan]) -> dict[int, Verdict]:
    """Return what is suggested of everybody, by users.id."""
    suggested: dict[int, Verdict] = {}
    progress = Progress("classes asked", len(plans))
    async with asking.asking(address) as suggestions:

        async def ask(plan: ClassPlan) -> None:
            suggested.update(asking.verdicts(await suggestions.of(plan.number), plan))
            progress.advance()

        async with asyncio.TaskGroup() as group:
            for plan in plans:
                group.create_task(ask(plan))
    return suggested


def _portions(plans: Sequence[ClassPlan]) -> Iterator[Sequence[ClassPlan]]:
    remaining = iter(plans)
    while some := list(islice(remaining, SIDE_BY_SIDE)):
        yield some
