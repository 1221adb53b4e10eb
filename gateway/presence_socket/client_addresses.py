"""Whose connection it is, by the address that the gateway states, and how many such were refused lately."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from websockets.asyncio.server import ServerConnection

#: In which the gateway sends the client's address; what clients send in it does not pass the gateway.
CLIENT_ADDRESS_HEADER: Final = "x-client-address"
_IN_A_REQUEST: Final = re.compile(rb"\r\n" + CLIENT_ADDRESS_HEADER.encode() + rb":[ \t]*([^\r\n]+)", re.IGNORECASE)
#: Who has one IPv6 address has all of its network.
_IPV6_NETWORK_BITS: Final = 64
#: Longer than our pages wait before they try again (30 s), so that each that is refused counts all the time.
LATELY_SECONDS: Final = 60.0
#: More need not be told apart, and take about a megabyte.
MAX_KNOWN: Final = 10_000


def address_of(connection: ServerConnection) -> str:
    """Return the client's address, or its network where that is what one client has."""
    stated = connection.request.headers.get(CLIENT_ADDRESS_HEADER) if connection.request else None
    return _client(str(stated or connection.remote_address[0]))


def address_in(request: bytes) -> str:
    """Return the same of a request that nobody has parsed; empty if it states none."""
    found = _IN_A_REQUEST.search(request)
    return _client(found[1].decode("ascii", "replace").strip()) if found else ""


def _client(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(ip_network((address, _IPV6_NETWORK_BITS), strict=False)) if isinstance(address, IPv6Address) else text


class RefusedAddresses:
    """Counts each address once, however often it was refused."""

    def __init__(self, *, limit: int = MAX_KNOWN, clock: Callable[[], float] = time.monotonic) -> None:
        """Of more than `limit` addresses, the one that was refused longest ago is forgotten."""
        self._limit = limit
        self._clock = clock
        #: When each was refused last, the longest ago first.
        self._refused: OrderedDict[str, float] = OrderedDict()

    def note(self, address: str) -> None:
        """Note that somebody at this address was refused."""
        self._refused[address] = self._clock()
        self._refused.move_to_end(address)
        if len(self._refused) > self._limit:
            self._refused.popitem(last=False)

    def count(self) -> int:
        """Return how many addresses were refused in the last minute. Scrapes ask from a thread of their own."""
        since = self._clock() - LATELY_SECONDS
        return sum(refused_at > since for refused_at in list(self._refused.values()))
