"""Requests to load processes of pages, and their answers."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, Self

from benchmarks.load.messages import Message, percentile


class PagePlan(Message):
    """Where to connect. Answered with Ready."""

    port: int
    secret: str
    #: Page 0 is that of the tutor of session 1, page 1 that of its student, and so on.
    first: int
    pages: int


class Open(Message):
    """Open a socket of every page and wait until all are connected. Answered with Opened."""

    kind: Literal["open"] = "open"
    per_second: float


class Idle(Message):
    """Only answer pings for some time. Answered with Idled."""

    kind: Literal["idle"] = "idle"
    seconds: float


class WaitForReconnect(Message):
    """Wait until every socket has ended and every page is connected again. Answered with Opened."""

    kind: Literal["wait for reconnect"] = "wait for reconnect"


class GetAbsences(Message):
    """Wait until every page is connected, and report how long pages were not. Answered with Absences."""

    kind: Literal["get absences"] = "get absences"


class Close(Message):
    """Close every socket. Answered with Ready."""

    kind: Literal["close"] = "close"


class PageAnswer(Message):
    """What one load process reports of its pages, or several together."""

    @classmethod
    @abstractmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what several processes report together."""


class Opened(PageAnswer):
    """Every page is connected."""

    #: From the request to the last `connected`.
    seconds: float
    #: Sockets that ended meanwhile and attempts that failed: their number by the way in which they ended.
    ends: dict[str, int]
    #: From each page's last attempt to its `connected`, in milliseconds.
    latencies: list[float]

    def latency(self, share: float) -> float:
        """Return the milliseconds that `share` of the pages did not exceed."""
        return percentile(sorted(self.latencies), share)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what several processes report together."""
        return cls(
            seconds=max(part.seconds for part in parts),
            ends=_summed(part.ends for part in parts),
            latencies=[latency for part in parts for latency in part.latencies],
        )


class Idled(PageAnswer):
    """What happened meanwhile."""

    pongs: int
    ends: int

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what several processes report together."""
        return cls(pongs=sum(part.pongs for part in parts), ends=sum(part.ends for part in parts))


class Absences(PageAnswer):
    """Since the last such report."""

    #: Each time that a page was without a socket, from the end of one to the next `connected`.
    seconds: list[float]
    #: How sockets ended and attempts failed: their number by the way.
    ends: dict[str, int]

    @property
    def longest(self) -> float:
        """The longest one, in seconds."""
        return max(self.seconds, default=0.0)

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return percentile(sorted(self.seconds), 0.5)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Return what several processes report together."""
        return cls(
            seconds=[seconds for part in parts for seconds in part.seconds],
            ends=_summed(part.ends for part in parts),
        )


def _summed(parts: Iterable[dict[str, int]]) -> Counter[str]:
    return sum((Counter(part) for part in parts), Counter())
