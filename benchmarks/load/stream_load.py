"""A load process: the streams of a plan, on which all participants connect and send heartbeats on request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Annotated, NamedTuple

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.child_process import answer, read_request
from benchmarks.load.messages import (
    Connect,
    Delivered,
    GetSent,
    Message,
    Ready,
    SendHeartbeats,
    Sent,
    StreamPlan,
    percentile,
)
from benchmarks.load.prepared_messages import PreparedMessage, SequenceNumbers, participant_groups
from benchmarks.load.stream import LoadStream, Tally

_MILLISECONDS_PER_SECOND = 1_000
_MAX_OPENING_STREAMS = 100

_REQUEST: TypeAdapter[Connect | SendHeartbeats | GetSent] = TypeAdapter(
    Annotated[Connect | SendHeartbeats | GetSent, Field(discriminator="kind")]
)


class Turn(NamedTuple):
    """A message's turn in a cycle."""

    cycle: int
    #: Place of the message in the cycle.
    place: int
    message: PreparedMessage
    #: On the event loop's clock.
    due: float


class StreamLoad:
    """All streams of a plan."""

    def __init__(self, plan: StreamPlan) -> None:
        """Prepare every message; nothing connects before `open`."""
        numbers = SequenceNumbers()
        self._streams = [
            LoadStream(
                plan.address,
                plan.bearer,
                [
                    PreparedMessage(group, numbers, stamped=plan.stamped)
                    for group in participant_groups(_share(plan, index), plan.roles, plan.heartbeats_per_message)
                ],
                plan.window,
            )
            for index in range(plan.streams)
        ]

    async def open(self) -> None:
        """Open every stream."""
        for first in range(0, len(self._streams), _MAX_OPENING_STREAMS):
            await asyncio.gather(*(stream.open() for stream in self._streams[first : first + _MAX_OPENING_STREAMS]))

    async def connect(self, request: Connect) -> Delivered:
        """Connect all participants."""

        async def send(stream: LoadStream, offset: float) -> None:
            async for turn in _turns(stream.messages, request.cycle_seconds, offset):
                if turn.cycle == request.cycles:
                    break
                connects_in = turn.place % request.cycles
                if connects_in <= turn.cycle:
                    await stream.send(turn.message, due=turn.due, connects=connects_in == turn.cycle)

        return await self._delivered(send)

    async def send_heartbeats(self, request: SendHeartbeats) -> Delivered:
        """Send heartbeats of all participants until the time is over."""
        deadline = asyncio.get_running_loop().time() + request.seconds

        async def send(stream: LoadStream, offset: float) -> None:
            async for turn in _turns(stream.messages, request.cycle_seconds, offset):
                if turn.due >= deadline:
                    break
                await stream.send(turn.message, due=turn.due)

        return await self._delivered(send)

    def sent(self) -> Sent:
        """Return what was sent so far."""
        return Sent(
            groups=tuple(message.history for stream in self._streams for message in stream.messages),
            events=sum(stream.sent for stream in self._streams),
        )

    async def close(self) -> None:
        """End every stream."""
        await asyncio.gather(*(stream.close() for stream in self._streams))

    async def _delivered(self, send: Callable[[LoadStream, float], Coroutine[None, None, None]]) -> Delivered:
        """Send on every stream, spread over their common cycle, and wait for all acknowledgements."""
        loop = asyncio.get_running_loop()
        sent_before = sum(stream.sent for stream in self._streams)
        for stream in self._streams:
            stream.tally = Tally()
        started = loop.time()

        async def send_and_wait(stream: LoadStream, offset: float) -> None:
            await send(stream, offset)
            await stream.all_acknowledged()

        await asyncio.gather(
            *(send_and_wait(stream, index / len(self._streams)) for index, stream in enumerate(self._streams))
        )
        events = sum(stream.sent for stream in self._streams) - sent_before
        return _summary([stream.tally for stream in self._streams], events, loop.time() - started)


def _share(plan: StreamPlan, index: int) -> range:
    return range(
        plan.first_session + plan.sessions * index // plan.streams,
        plan.first_session + plan.sessions * (index + 1) // plan.streams,
    )


async def _turns(
    messages: Sequence[PreparedMessage], cycle_seconds: float | None, offset: float
) -> AsyncIterator[Turn]:
    """Yield message after message when it is due, for ever; `offset`, from 0 to 1, delays each by a share of a turn."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    cycle = 0
    while True:
        for place, message in enumerate(messages):
            due = loop.time()
            if cycle_seconds is not None:
                due = started + cycle_seconds * (cycle + (place + offset) / len(messages))
                await asyncio.sleep(max(due - loop.time(), 0))
            yield Turn(cycle, place, message, due)
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
        latency_max=percentile(latencies, 1.0),
    )


async def serve_requests() -> None:
    """Answer requests from standard input until it ends."""
    load = StreamLoad(StreamPlan.model_validate_json(await read_request()))
    await load.open()
    answer(Ready())
    while line := await read_request():
        answer(await _result(load, _REQUEST.validate_json(line)))
    await load.close()


async def _result(load: StreamLoad, request: Connect | SendHeartbeats | GetSent) -> Message:
    if isinstance(request, Connect):
        return await load.connect(request)
    if isinstance(request, SendHeartbeats):
        return await load.send_heartbeats(request)
    return load.sent()


if __name__ == "__main__":
    uvloop.run(serve_requests())
