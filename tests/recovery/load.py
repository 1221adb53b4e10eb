"""Relays that stream without end and check that the service keeps what it acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import cycle
from uuid import uuid4

from grpc import StatusCode, aio

from testkit.heartbeat_client import HeartbeatStream
from testkit.postgres import query
from testkit.tokens import token
from testkit.whiteboard_sessions import RELAY
from tests.recovery.lessons import Lesson, stored_presences

#: How many events the messages carry, in turn.
EVENTS_PER_MESSAGE = (1, 20, 1, 200)
#: How a stream ends when the service dies, stops, or can not reach its storage.
CONNECTION_ENDED = frozenset({StatusCode.UNAVAILABLE, StatusCode.UNKNOWN, StatusCode.CANCELLED, StatusCode.INTERNAL})
#: Sent and not acknowledged: less than the service allows, so that no test waits for a long backlog.
MAX_UNACKNOWLEDGED = 2_000
#: Generous: only a service that hangs takes so long; the test fails then and cleans up.
MAX_WAIT_SECONDS = 60
WITHOUT_END = 2**62
#: Between two attempts to connect while the service is unavailable.
RECONNECT_SECONDS = 0.05


class Tally:
    """A number that grows; callers can wait until it has reached a value."""

    def __init__(self) -> None:
        self.count = 0
        self._grew = asyncio.Event()

    def add(self, number: int) -> None:
        self.count += number
        self._grew.set()
        self._grew = asyncio.Event()

    async def reached(self, goal: int, *, max_seconds: float | None = MAX_WAIT_SECONDS) -> None:
        async with asyncio.timeout(max_seconds):
            while self.count < goal:
                await self._grew.wait()

    async def grown_by(self, number: int) -> None:
        await self.reached(self.count + number)


class Relay:
    """Numbers events, remembers which were acknowledged, and resumes where the service says."""

    def __init__(
        self, lesson: Lesson, stream_id: str | None = None, *, identity: str = RELAY, pause_seconds: float = 0
    ) -> None:
        """`pause_seconds` lie between two messages; without them it streams as fast as it can."""
        self.lesson = lesson
        self.stream_id = stream_id or str(uuid4())
        self._identity = identity
        self._pause_seconds = pause_seconds
        #: Includes events that are sent again.
        self.sent = Tally()
        self.last_sent = 0
        self.connections = 0
        self.acknowledged = Tally()
        self.was_drained = False
        self._is_to_write = True
        self._stream: HeartbeatStream | None = None
        self._sending: asyncio.Task[None] | None = None

    @property
    def promised(self) -> int:
        """The last number that was acknowledged: the service promises to keep everything up to it."""
        return self.acknowledged.count

    async def stream(self, address: str, *, first: int | None = None, last: int = WITHOUT_END) -> StatusCode:
        """Stream until the connection ends, or the last event is sent and answered; return how it ended.

        The first event is the one that the service asks for, unless another is named.
        """
        async with aio.insecure_channel(address) as channel:
            stream = HeartbeatStream(channel, token(self._identity, "service"), self.stream_id)
            try:
                resumed_at = (await stream.open()).committed_sequence
                self.connections += 1
                self._note_promise(resumed_at)
                return await self._converse(stream, first or resumed_at + 1, last)
            except aio.AioRpcError as error:
                return error.code()
            finally:
                stream.cancel()

    async def stream_on(self, address: str) -> None:
        """Stream for ever, and resume whenever the connection ends."""
        while True:
            code = await self.stream(address)
            was_stopped = code == StatusCode.OK and self.was_drained
            assert was_stopped or code in CONNECTION_ENDED, code
            await asyncio.sleep(RECONNECT_SECONDS)

    async def stop_writing(self) -> None:
        """Return when no message is being written; from then on only `write_one_more` writes."""
        assert self._sending is not None
        self._is_to_write = False
        await asyncio.wait([self._sending])

    async def write_one_more(self) -> None:
        """Send the next event."""
        assert self._stream is not None
        self.last_sent += 1
        await self._stream.send_events(self.lesson.event(self.last_sent))

    async def _converse(self, stream: HeartbeatStream, first: int, last: int) -> StatusCode:
        self._stream = stream
        self._sending = sending = asyncio.create_task(self._send(stream, first, last))
        try:
            while True:
                frame = await stream.receive()
                self.was_drained = self.was_drained or frame.HasField("draining")
                if frame.HasField("ack"):
                    assert not frame.ack.rejections, frame.ack.rejections
                    self._note_promise(frame.ack.committed_sequence)
        except EOFError:
            return await stream.code()
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    async def _send(self, stream: HeartbeatStream, first: int, last: int) -> None:
        sizes = cycle(EVENTS_PER_MESSAGE)
        while first <= last and self._is_to_write and not self.was_drained:
            events = [self.lesson.event(number) for number in range(first, min(first + next(sizes), last + 1))]
            await self.acknowledged.reached(events[-1].sequence - MAX_UNACKNOWLEDGED, max_seconds=None)
            await (stream.send_events(*events) if len(events) == 1 else stream.send_batch(events))
            self.last_sent = max(self.last_sent, events[-1].sequence)
            self.sent.add(len(events))
            first += len(events)
            # Even 0 lets the task that reads acknowledgements run.
            await asyncio.sleep(self._pause_seconds)
        if self._is_to_write:
            await stream.half_close()

    def _note_promise(self, committed_sequence: int) -> None:
        assert committed_sequence >= self.promised, "the service took back what it acknowledged"
        self.acknowledged.add(committed_sequence - self.promised)


def assert_kept(database: str, relays: Iterable[Relay]) -> None:
    """Check that the database holds the facts of the first n events of each stream, all acknowledged ones among them.

    No service may write meanwhile.
    """
    for relay in relays:
        position = committed(database, relay)
        assert position >= relay.promised, "an acknowledged event is lost"
        stored = stored_presences(database, (attendee.session_id for attendee in relay.lesson.attendees))
        made = {attendee: [presence] for attendee, presence in relay.lesson.presences(position).items()}
        assert stored == made, "an event is lost, counted twice or half-written"


def committed(database: str, relay: Relay) -> int:
    """Return the committed position of a relay's stream; 0 for one that was never opened."""
    statement = f"SELECT committed_sequence FROM heartbeat_streams WHERE stream_id = '{relay.stream_id}'"  # noqa: S608
    rows = query(database, statement)
    return int(str(rows[0][0])) if rows else 0
