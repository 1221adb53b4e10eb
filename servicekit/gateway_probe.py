"""Asks the gateway again and again whether it runs: while it stands still, its users can't be seen.

See docs/presence.md#the-gateway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from servicekit.tls.certificates import PemFile
from servicekit.tls.contexts import reloaded_client_context

_log = logging.getLogger(__name__)

#: The gateway gives up a call after 10 s, so nobody expects more of one that is only slow.
MAX_SILENCE_SECONDS = 10.0
#: If the presence timeout is short, a quarter of it matters already, but not less than a busy machine takes.
PRESENCE_TIMEOUT_SHARE = 4
MIN_SILENCE_SECONDS = 1.5
#: So many probes are made in the longest silence that is no gap. One costs the gateway a tenth of a millisecond.
PROBES_PER_SILENCE = 5
#: Answered by the gateway itself.
_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"


def max_silence_seconds(presence_timeout_seconds: float) -> float:
    """Return for how long nothing may come through the gateway without an observation gap."""
    share = presence_timeout_seconds / PRESENCE_TIMEOUT_SHARE
    return min(max(share, MIN_SILENCE_SECONDS), MAX_SILENCE_SECONDS)


class GatewayProbe:
    """Notes each answer. Any answer shows that the gateway runs, whatever it says."""

    def __init__(
        self,
        address: str,
        *,
        on_answer: Callable[[], None],
        presence_timeout_seconds: Callable[[], float],
        authorities: PemFile | None = None,
    ) -> None:
        """`address` is host:port, and `authorities` issue its certificates; None: it speaks plaintext.

        Nothing connects before `run`. TlsInvalid.
        """
        self._context = None if authorities is None else reloaded_client_context(authorities)
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._on_answer = on_answer
        self._presence_timeout_seconds = presence_timeout_seconds
        #: None: not asked yet.
        self._is_answering: bool | None = None
        self._has_answered = False

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask())
            if self._context is not None:
                group.create_task(self._context.run())

    async def _ask(self) -> None:
        while True:
            max_silence = max_silence_seconds(self._presence_timeout_seconds())
            is_answering = await self._is_answered(max_silence)
            if is_answering:
                self._on_answer()
            if is_answering != self._is_answering:
                self._log(is_answering=is_answering)
            self._is_answering = is_answering
            self._has_answered = self._has_answered or is_answering
            await asyncio.sleep(max_silence / PROBES_PER_SILENCE)

    def _log(self, *, is_answering: bool) -> None:
        """Log a change. A gateway that starts after this process is nothing to worry about."""
        extra = {"address": f"{self._host}:{self._port}"}
        if self._has_answered:
            _log.warning("the gateway answers again" if is_answering else "the gateway does not answer", extra=extra)
        else:
            _log.info("the gateway answers" if is_answering else "the gateway does not answer yet", extra=extra)

    async def _is_answered(self, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                context = None if self._context is None else self._context.current
                reader, writer = await asyncio.open_connection(self._host.strip("[]"), self._port, ssl=context)
                try:
                    writer.write(_REQUEST)
                    return bool(await reader.read(1))
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False
