"""All streams of one load process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import NamedTuple

from benchmarks.load.frames import Frame, SequenceNumbers, groups
from benchmarks.load.messages import Beat, Delivered, Join, LoadPlan, Sent
from benchmarks.load.stream import LoadStream, Tally

_MILLISECONDS_PER_SECOND = 1_000
#: So many streams open at once.
_OPENING_AT_ONCE = 100


class Turn(NamedTuple):
    """A frame's turn in a cycle."""

    cycle: int
    place: int
    frame: Frame
    #: On the event loop's clock.
    due: float


class Crowd:
    """Everybody of a plan."""

    def __init__(self, plan: LoadPlan) -> None:
        """Prepare every message; nothing connects before `open`."""
        numbers = SequenceNumbers()
        self._streams = [
            LoadStream(
                plan.address,
                plan.bearer,
                [
                    Frame(group, numbers, stamped=plan.stamped)
                    for group in groups(_share(plan, index), plan.roles, plan.beats_per_message)
                ],
                plan.window,
            )
            for index in range(plan.streams)
        ]

    async def open(self) -> None:
        """Open every stream."""
        for first in range(0, len(self._streams), _OPENING_AT_ONCE):
            await asyncio.gather(*(stream.open() for stream in self._streams[first : first + _OPENING_AT_ONCE]))

    async def join(self, order: Join) -> Delivered:
        """Let everybody connect."""

        async def play(stream: LoadStream, offset: float) -> None:
            async for turn in _turns(stream.frames, order.cycle_seconds, offset):
                if turn.cycle == order.cycles:
                    break
                joining = turn.place % order.cycles
                if joining <= turn.cycle:
                    await stream.send(turn.frame, due=turn.due, joins=joining == turn.cycle)

        return await self._delivered(play)

    async def beat(self, order: Beat) -> Delivered:
        """Let everybody beat for so long."""
        deadline = asyncio.get_running_loop().time() + order.seconds

        async def play(stream: LoadStream, offset: float) -> None:
            async for turn in _turns(stream.frames, order.cycle_seconds, offset):
                if turn.due >= deadline:
                    break
                await stream.send(turn.frame, due=turn.due)

        return await self._delivered(play)

    def sent(self) -> Sent:
        """Tell who beat, from when to when."""
        return Sent(
            groups=tuple(frame.history for stream in self._streams for frame in stream.frames),
            events=sum(stream.sent for stream in self._streams),
        )

    async def close(self) -> None:
        """End every stream."""
        await asyncio.gather(*(stream.close() for stream in self._streams))

    async def _delivered(self, play: Callable[[LoadStream, float], Coroutine[None, None, None]]) -> Delivered:
        """Run a play on every stream, spread over their common cycle, and sum up."""
        loop = asyncio.get_running_loop()
        sent = sum(stream.sent for stream in self._streams)
        for stream in self._streams:
            stream.tally = Tally()
        started = loop.time()

        async def to_the_end(stream: LoadStream, offset: float) -> None:
            await play(stream, offset)
            await stream.settled()

        await asyncio.gather(
            *(to_the_end(stream, index / len(self._streams)) for index, stream in enumerate(self._streams))
        )
        seconds = loop.time() - started
        return _summary(
            [stream.tally for stream in self._streams], sum(stream.sent for stream in self._streams) - sent, seconds
        )


def _share(plan: LoadPlan, index: int) -> range:
    return range(
        1 + plan.sessions * index // plan.streams,
        1 + plan.sessions * (index + 1) // plan.streams,
    )


async def _turns(frames: Sequence[Frame], cycle_seconds: float | None, offset: float) -> AsyncIterator[Turn]:
    """Yield frame after frame when it is due, for ever; `offset` is the share of a frame's turn to begin later."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    cycle = 0
    while True:
        for index, frame in enumerate(frames):
            due = loop.time()
            if cycle_seconds is not None:
                due = started + cycle_seconds * (cycle + (index + offset) / len(frames))
                await asyncio.sleep(max(due - loop.time(), 0))
            yield Turn(cycle, index, frame, due)
        cycle += 1


def _summary(tallies: Sequence[Tally], events: int, seconds: float) -> Delivered:
    latencies = sorted(latency * _MILLISECONDS_PER_SECOND for tally in tallies for latency in tally.latencies)
    return Delivered(
        events=events,
        seconds=seconds,
        rejections=sum(tally.rejections for tally in tallies),
        acknowledgements=sum(tally.acknowledgements for tally in tallies),
        acknowledgements_per_second=max(tally.acknowledgements for tally in tallies) / seconds,
        latency_p50=percentile(latencies, 0.5),
        latency_p99=percentile(latencies, 0.99),
        latency_worst=percentile(latencies, 1.0),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the ordered values do not exceed; 0 if there are none."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
