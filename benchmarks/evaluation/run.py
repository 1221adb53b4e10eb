"""The steps of an evaluation: plan, schedule, stream, ask for suggestions, compare."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TextIO

from benchmarks.evaluation.classes import ExpectedClass, JudgedClass, expect_class
from benchmarks.evaluation.live import database_rows, schedules, services, streaming
from benchmarks.evaluation.live.services import Services
from benchmarks.evaluation.outcomes import ExpectedOutcome, JudgedOutcome, SuggestedOutcome, expect_outcomes
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.marks import Verdict
from benchmarks.evaluation.scoring import Expected, Judged, expect
from benchmarks.evaluation.simulation.calendar import MAX_BACKFILL
from benchmarks.evaluation.simulation.drawing import draw
from benchmarks.evaluation.simulation.plan import ClassPlan
from benchmarks.evaluation.simulation.simulate import simulate
from benchmarks.evaluation.timeline import Timeline

#: Classes whose telemetry is streamed at the same time.
CLASSES_PER_PORTION = 50
#: Between the oldest event that the service accepts and the start of the calendar: the time of a long run, and people
#: who connect early.
_RESERVE = timedelta(hours=3)

_BAR_WIDTH = 40
#: Between two updates of a bar, and between two lines of a log.
_BAR_SECONDS = 0.2
_LINE_SECONDS = 15.0


def calendar_start(now: datetime) -> datetime:
    """Return the start of the calendar of an evaluation that begins now: a whole hour."""
    earliest = now - timedelta(milliseconds=MAX_BACKFILL) + _RESERVE
    return earliest.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """The result of an evaluation."""

    results: Results
    #: How many were streamed through the tracking service.
    events: int


def evaluate(running: Services, seed: int, numbers: Sequence[int]) -> Evaluation:
    """Evaluate the classes with these numbers."""
    plans = [draw(seed, number) for number in numbers]
    return asyncio.run(_evaluate(running, seed, plans, calendar_start(datetime.now(UTC))))


def replay(running: Services, seed: int, number: int) -> str:
    """Run one class alone and return its timeline."""
    plan = draw(seed, number)
    return asyncio.run(_replay(running, seed, plan, calendar_start(datetime.now(UTC))))


class Progress:
    """Shows how far a long run is: a bar on a terminal, a line from time to time elsewhere."""

    def __init__(self, what: str, total: int, output: TextIO = sys.stderr) -> None:
        """Count `what` up to `total`."""
        self._what = what
        self._total = total
        self._output = output
        self._is_bar = output.isatty()
        self._done = 0
        self._started = time.monotonic()
        self._shown = self._started

    def advance(self, by: int = 1) -> None:
        """Count more as done."""
        self._done += by
        now = time.monotonic()
        is_last = self._done >= self._total
        if is_last or now - self._shown >= (_BAR_SECONDS if self._is_bar else _LINE_SECONDS):
            self._shown = now
            self._show(now - self._started, is_last=is_last)

    def _show(self, seconds: float, *, is_last: bool) -> None:
        share = self._done / self._total
        line = f"{self._what} {self._done:,} of {self._total:,} ({share:.0%}, {seconds:.0f} s)"
        if self._is_bar:
            filled = round(_BAR_WIDTH * share)
            line = f"\r[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {line}"
        self._output.write(line + ("\n" if is_last or not self._is_bar else ""))
        self._output.flush()


@dataclass(slots=True)
class _Streamed:
    """What was streamed, and what is expected of it."""

    expected: list[Expected] = field(default_factory=list)
    outcomes: list[ExpectedOutcome] = field(default_factory=list)
    classes: dict[int, ExpectedClass] = field(default_factory=dict)
    events: int = 0


@dataclass(slots=True)
class _Suggested:
    """What the service says."""

    #: By users.id.
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    #: By the numbers of classes, then by student.
    outcomes: dict[int, Mapping[int | None, SuggestedOutcome]] = field(default_factory=dict)
    classes: list[JudgedClass] = field(default_factory=list)


async def _evaluate(running: Services, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> Evaluation:
    streamed = await _schedule_and_stream(running, seed, plans, begins)
    suggested = await _ask(running.attendance, plans, streamed.classes)
    judged = [Judged(expected=one, suggested=suggested.verdicts[one.user_id]) for one in streamed.expected]
    outcomes = [
        JudgedOutcome(expected=one, suggested=suggested.outcomes[one.number][one.student]) for one in streamed.outcomes
    ]
    results = Results(people=judged, lessons=outcomes, classes=suggested.classes)
    return Evaluation(results=results, events=streamed.events)


async def _replay(running: Services, seed: int, plan: ClassPlan, begins: datetime) -> str:
    await _schedule_and_stream(running, seed, [plan], begins)
    facts = await services.get_facts(running.tracking, plan, begins)
    async with services.suggestion_client(running.attendance) as client:
        suggestion = await client.get(plan.number)
    return str(Timeline(simulate(seed, plan), begins, facts, suggestion))


async def _schedule_and_stream(running: Services, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> _Streamed:
    schedules.schedule(running.database, plans, begins)
    database_rows.record_coverage(running.database, seed, begins)
    streamed = await _stream(running.tracking, seed, plans, begins)
    database_rows.record_resumed_streams(running.database, streaming.RESUMING, begins)
    database_rows.record_clock_offsets(running.database, streaming.WITH_WRONG_CLOCK, begins)
    schedules.take_off(running.database, plans)
    return streamed


async def _stream(address: str, seed: int, plans: Sequence[ClassPlan], begins: datetime) -> _Streamed:
    streamed = _Streamed()
    progress = Progress("classes streamed", len(plans))
    async with streaming.open_relays(address) as relays:
        for portion in _portions(plans):
            classes = [simulate(seed, plan) for plan in portion]
            streamed.expected += [person for simulated in classes for person in expect(simulated)]
            streamed.outcomes += [outcome for simulated in classes for outcome in expect_outcomes(simulated)]
            streamed.classes |= {simulated.plan.number: expect_class(simulated) for simulated in classes}
            streamed.events += await streaming.stream(relays, classes, begins)
            progress.advance(len(classes))
    return streamed


async def _ask(address: str, plans: Sequence[ClassPlan], classes: Mapping[int, ExpectedClass]) -> _Suggested:
    """Return the suggestions for all people and classes."""
    suggested = _Suggested()
    progress = Progress("suggestions of classes", len(plans))
    async with services.suggestion_client(address) as client:

        async def ask(plan: ClassPlan) -> None:
            answer = await client.get(plan.number)
            suggested.verdicts.update(services.verdicts(answer, plan))
            suggested.outcomes[plan.number] = services.outcomes(answer)
            suggested.classes.append(services.about_class(answer, classes[plan.number]))
            progress.advance()

        async with asyncio.TaskGroup() as group:
            for plan in plans:
                group.create_task(ask(plan))
    return suggested


def _portions(plans: Sequence[ClassPlan]) -> Iterator[Sequence[ClassPlan]]:
    remaining = iter(plans)
    while portion := list(islice(remaining, CLASSES_PER_PORTION)):
        yield portion
