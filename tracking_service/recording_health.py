"""What health checks are told about recording. A service that can't record still takes calls, and says why it fails."""

from __future__ import annotations

import asyncio
from typing import Final

from servicekit.rpc.server import Server
from tracking_service.instruments.able_to_record import AbleToRecord

#: A name of its own, beside those of the services: balancers ask for those.
RECORDING: Final = "astegni.tracking.v1.Recording"
#: A failover of the database or a lock takes less.
MAX_UNABLE_SECONDS: Final = 5.0
_CHECK_INTERVAL_SECONDS: Final = 0.5


class RecordingHealth:
    """Reports NOT_SERVING under that name while nothing can be written."""

    def __init__(self, server: Server, able: AbleToRecord) -> None:
        self._server = server
        self._able = able

    async def run(self) -> None:
        """Run until cancelled."""
        was_able: bool | None = None
        while True:
            is_able = self._able.unable_seconds <= MAX_UNABLE_SECONDS
            if is_able != was_able:
                await self._server.report(RECORDING, is_serving=is_able)
                was_able = is_able
            await asyncio.sleep(_CHECK_INTERVAL_SECONDS)
