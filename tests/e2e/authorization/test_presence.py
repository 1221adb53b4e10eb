"""Presence sockets and events on streams, opened and sent by every caller, are answered as the table says."""

from __future__ import annotations

import asyncio

from grpc import aio

from development.authorization import PRESENCE, Caller
from testkit.grpc_errors import reason
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.whiteboard_pages import SUBPROTOCOL, open_socket
from tests.e2e.authorization.doors import Addresses
from tests.e2e.authorization.people import bearer, user_of
from tests.e2e.authorization.requests import new_whiteboard, reported_role
from tests.integration.attendance.platform import Platform


def expected(what: str) -> dict[str, str]:
    return {caller.value: PRESENCE[what].refusal(caller) for caller in Caller}


async def socket_refusal(port: int, whiteboard: int, caller: Caller) -> str:
    """Return the reason with which a caller's socket is closed; empty if they are connected."""
    offered = [SUBPROTOCOL, f"bearer.{bearer(caller)}"] if bearer(caller) else [SUBPROTOCOL]
    path = f"/ws/whiteboard/{whiteboard}?user_type={reported_role(caller)}"
    async with open_socket(port, path, *offered) as page:
        connected = asyncio.create_task(page.receive_type("connected"))
        closed = asyncio.create_task(page.connection.wait_closed())
        await asyncio.wait([connected, closed], return_when=asyncio.FIRST_COMPLETED)
        if connected.done() and not connected.exception():
            closed.cancel()
            page.reset()
            return ""
        await closed
        return page.connection.close_reason or ""


async def event_refusal(channel: aio.Channel, whiteboard: int, caller: Caller) -> str:
    """Return the reason with which a caller's event, or their stream, is refused; empty if the event is recorded."""
    stream = HeartbeatStream(channel, bearer(caller))
    try:
        await stream.open()
    except aio.AioRpcError as error:
        return reason(error)
    made = event(1, "connect", whiteboard, user_of(caller), user_type=reported_role(caller))
    await stream.send_events(made)
    await stream.acknowledged(1)
    return stream.rejections().get(1, "")


async def test_a_presence_socket(addresses: Addresses, platform: Platform) -> None:
    port = addresses.gateway_port
    refusals = {caller.value: await socket_refusal(port, new_whiteboard(caller, platform), caller) for caller in Caller}
    assert refusals == expected("a presence socket")


async def test_an_event_on_a_stream(addresses: Addresses, platform: Platform) -> None:
    async with aio.insecure_channel(addresses.tracking) as channel:
        refusals = {
            caller.value: await event_refusal(channel, new_whiteboard(caller, platform), caller) for caller in Caller
        }
    assert refusals == expected("an event on a stream")
