"""A load process in which one identity does as much as it can of everything that costs others something."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
from grpc import aio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from benchmarks.child_process import answer, read_request
from benchmarks.load.messages import Message, Ready, Run, user_id
from gateway.presence_socket.protocol import SUBPROTOCOL
from testkit.heartbeat_client import event
from testkit.tokens import metadata, token

#: In the gateway's own terms, its second client.
CLIENT_ADDRESS = "198.51.100.2"
BATCH = 1_000
#: Of each kind at once: more than one identity may have open.
IN_FLIGHT = 8
#: The flood is another machine's work; here it must not take the processors from what is measured.
_NICENESS = 19
_REFUSED = httpx.codes.BAD_REQUEST


class FloodPlan(Message):
    """Whom to flood with. Answered with Ready; then each Run is answered with Flooded."""

    port: int
    #: The tutor of this session floods it.
    session: int


class Flooded(Message):
    """How often each was tried, and how often it was refused."""

    tried: dict[str, int]
    refused: dict[str, int]


class Refused(Exception):
    """The product did not do it."""


class Flood(NamedTuple):
    """One identity, its connections to the gateway, and what it holds open."""

    plan: FloodPlan
    bearer: str
    channel: aio.Channel
    http: httpx.AsyncClient
    held: list[Any]

    @property
    def means(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Everything that is tried, each once."""
        return {
            "batches of connects with new connection ids": self.connects,
            "batches with new activity words": self.activity_words,
            "streams": self.stream,
            "watches": self.watch,
            "sockets": self.socket,
            "REST heartbeats": self.heartbeat,
            "pages without a token": self.page,
        }

    async def connects(self) -> None:
        """Connect and disconnect 500 tabs at once."""
        names = [str(uuid4()) for _ in range(BATCH // 2)]
        kinds = ("connect", "disconnect")
        await self._send([(kind, {"connection_id": name}) for name in names for kind in kinds])

    async def activity_words(self) -> None:
        """Report a thousand kinds of activity."""
        await self._send([("heartbeat", {"activity_type": f"word_{number}"}) for number in range(BATCH)])

    async def stream(self) -> None:
        """Open a stream, and keep it."""
        self.held.append(await self._opened())

    async def watch(self) -> None:
        """Open a live view, and keep it."""
        request = tracking_pb2.WatchConnectionStatusRequest(session_id=self.plan.session)
        call = self._stub.WatchConnectionStatus(request, metadata=self._metadata)
        await call.read()
        self.held.append(call)

    async def socket(self) -> None:
        """Open a presence socket, and keep it."""
        offered = [Subprotocol(SUBPROTOCOL), Subprotocol(f"bearer.{self.bearer}")]
        page: ClientConnection = await connect(
            f"ws://127.0.0.1:{self.plan.port}/ws/whiteboard/{self.plan.session}",
            subprotocols=offered,
            additional_headers={"x-forwarded-for": CLIENT_ADDRESS},
            proxy=None,
        )
        # The first message says that the page is connected, or why it is not.
        if '"connected"' not in str(await page.recv()):
            raise Refused
        self.held.append(page)

    async def heartbeat(self) -> None:
        """Send a heartbeat by REST."""
        path = f"/api/whiteboard/sessions/{self.plan.session}/heartbeat"
        headers = {"authorization": f"Bearer {self.bearer}"}
        _accepted(await self.http.post(path, json={"user_type": "tutor"}, headers=headers))

    async def page(self) -> None:
        """Get a page, as anybody may."""
        _accepted(await self.http.get("/docs"))

    async def _send(self, events: list[tuple[str, dict[str, str]]]) -> None:
        """Send events on a stream of their own, and wait until they are acknowledged."""
        call = await self._opened()
        tutor = user_id(self.plan.session, "tutor")
        made = [
            event(number, kind, self.plan.session, tutor, user_type="tutor", **fields)  # type: ignore[arg-type]
            for number, (kind, fields) in enumerate(events, start=1)
        ]
        batch = tracking_pb2.PresenceEventBatch(events=made)
        await call.write(tracking_pb2.StreamHeartbeatsRequest(batch=batch))
        acknowledged = 0
        while acknowledged < len(made):
            frame = await call.read()
            if frame is aio.EOF:
                raise Refused
            acknowledged = frame.ack.committed_sequence
        call.cancel()

    async def _opened(self) -> Any:  # noqa: ANN401 - gRPC's calls have no type of their own
        call = self._stub.StreamHeartbeats(metadata=self._metadata)
        opening = tracking_pb2.OpenStream(stream_id=str(uuid4()))
        await call.write(tracking_pb2.StreamHeartbeatsRequest(open=opening))
        if await call.read() is aio.EOF:
            raise Refused
        return call

    @property
    def _stub(self) -> Any:  # noqa: ANN401
        return tracking_pb2_grpc.TrackingServiceStub(self.channel)

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (*metadata(self.bearer), ("x-forwarded-for", CLIENT_ADDRESS))


def _accepted(response: httpx.Response) -> None:
    if response.status_code >= _REFUSED:
        raise Refused


async def main() -> None:
    """Answer requests until there are no more."""
    os.nice(_NICENESS)
    plan = FloodPlan.model_validate_json(await read_request())
    bearer = token(user_id(plan.session, "tutor"), "tutor")
    url, headers = f"http://127.0.0.1:{plan.port}", {"x-forwarded-for": CLIENT_ADDRESS}
    async with (
        aio.insecure_channel(f"127.0.0.1:{plan.port}") as channel,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http,
    ):
        flood = Flood(plan=plan, bearer=bearer, channel=channel, http=http, held=[])
        answer(Ready())
        while line := await read_request():
            answer(await _flooded(flood, Run.model_validate_json(line).seconds))


async def _flooded(flood: Flood, seconds: float) -> Flooded:
    """Do everything at once, as often as possible."""
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    async def repeat(name: str, once: Callable[[], Awaitable[None]]) -> None:
        for _ in count():
            tried[name] += 1
            try:
                await once()
            except (aio.AioRpcError, httpx.HTTPError, WebSocketException, OSError, Refused):
                refused[name] += 1

    end = time.monotonic() + seconds
    tasks = [asyncio.create_task(repeat(*means)) for means in flood.means.items() for _ in range(IN_FLIGHT)]
    await asyncio.sleep(end - time.monotonic())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _let_go(flood.held)
    return Flooded(tried=dict(tried), refused=dict(refused))


async def _let_go(held: list[Any]) -> None:
    """Close everything that is open, without waiting for answers."""
    for one in held:
        if isinstance(one, ClientConnection):
            one.transport.abort()
        else:
            with suppress(aio.UsageError):
                one.cancel()
    held.clear()


if __name__ == "__main__":
    asyncio.run(main())
