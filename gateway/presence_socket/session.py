"""One socket from the accepted handshake to its end."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from gateway.presence_socket import messages
from gateway.presence_socket.activity import ActivityCount
from gateway.presence_socket.closings import Closing, TokenExpired
from gateway.presence_socket.pace import Pace
from gateway.presence_socket.page import Page
from gateway.presence_socket.reporter import Reporter
from heartbeat_relay import Reason
from servicekit.auth.verifier import CLOCK_SKEW_SECONDS
from servicekit.clock import SystemClock, seconds

_GRACE = seconds(CLOCK_SKEW_SECONDS)
_CLOCK = SystemClock()


class PresenceSession:
    """Turns what is seen of a socket into events. Ten thousand of them idle in one process, so it has no task."""

    __slots__ = (
        "_activities",
        "_dropped_as",
        "_heard_at",
        "_is_committed",
        "_is_leaving",
        "_is_refused",
        "_last_sign_at",
        "_page",
        "_reporter",
    )

    def __init__(self, page: Page, reporter: Reporter) -> None:
        """Nothing is told yet."""
        self._page = page
        self._reporter = reporter
        self._activities: ActivityCount | None = None
        self._is_committed = False
        self._is_refused = False
        #: Somebody had begun to close at the last visit.
        self._is_leaving = False
        #: How the end became known, if it was this side that ended the connection for want of another end.
        self._dropped_as: Reason | None = None
        self._hear()

    @property
    def connection_id(self) -> str:
        """Name of the socket at the tracking service."""
        return self._reporter.connection_id

    def enter(self) -> None:
        """Record the connect; the page is told when it is committed. RelayError if the relay takes nothing now."""
        connected_at = self._last_sign_at

        def committed() -> None:
            self._is_committed = True
            self.tell(
                messages.connected(self._reporter.attendee, self.connection_id, connected_at, self._reporter.rhythm)
            )

        self._reporter.connected(connected_at, committed)

    async def listen(self) -> None:
        """Take the page's messages until the socket ends, however it does.

        Closing for a message that is not valid, RelayError if the relay has stopped.
        """
        pace: Pace | None = None
        while (message := await self._page.next_message()) is not None and not self._is_refused:
            await self._take(messages.activity_type(message))
            now = time.monotonic()
            pace = pace or Pace(now)
            if pause := pace.pause(now):
                await asyncio.sleep(pause)

    async def visit(self, longest_silence: float) -> None:
        """Ask for a sign of life; end the socket if there was none for so many seconds, or if its token has ended."""
        if time.monotonic() - self._heard_at > longest_silence:
            self._drop("timed_out")
        elif not self._page.is_open:
            # A closing that is not over after a whole interval never will be by itself.
            if self._is_leaving:
                self._drop("closed")
            self._is_leaving = True
        elif _CLOCK.now() > self._reporter.attendee.expires_at + _GRACE:
            self.close(TokenExpired())
        else:
            await self._page.ping(self._answered)

    def tell(self, message: str) -> None:
        """Tell the page, unless it was refused."""
        if not self._is_refused:
            self._page.tell(message)

    def tell_recovery(self) -> None:
        """Tell the page that events are committed again."""
        if self._is_committed:
            self.tell(messages.acknowledged(self._activities.settled if self._activities else 0))

    def refuse(self, closing: Closing) -> None:
        """Close, because the tracking service does not want this socket's events."""
        self._is_refused = True
        self.close(closing)

    def close(self, closing: Closing) -> None:
        """Begin to close, unless that was done before."""
        if self._page.is_open:
            self._page.begin_closing(closing)

    def leave(self) -> None:
        """Record the end: at the close, if it was seen, else at the last sign of life."""
        if self._is_refused:
            return
        if self._dropped_as is not None:
            self._reporter.disconnected(self._last_sign_at, self._dropped_as)
        elif self._page.said_goodbye:
            self._reporter.disconnected(datetime.now(UTC), "closed")
        else:
            self._reporter.disconnected(self._last_sign_at, "closed")

    async def _take(self, activity_type: str) -> None:
        self._hear()
        self._activities = self._activities or ActivityCount()
        if self._activities.take(activity_type, int(self._heard_at)):
            await self._reporter.active(self._last_sign_at, activity_type, self._activity_answered)
        self._acknowledge()

    def _activity_answered(self) -> None:
        if self._activities is not None:
            self._activities.answered()
        self._acknowledge()

    def _acknowledge(self) -> None:
        news = self._activities.news() if self._activities else None
        if news is not None:
            self.tell(messages.acknowledged(news))

    def _answered(self, pong: asyncio.Future[float]) -> None:
        if pong.cancelled() or pong.exception() is not None or self._is_refused:
            return
        self._hear()
        self._reporter.alive(self._last_sign_at)

    def _hear(self) -> None:
        self._last_sign_at = datetime.now(UTC)
        # Silence is measured by a clock that nobody sets.
        self._heard_at = time.monotonic()

    def _drop(self, reason: Reason) -> None:
        self._dropped_as = reason
        self._page.drop()
