"""Event histories for property tests, and an oracle that does not use intervals.

Times are small whole numbers and the timeout is five, so that every edge is met often.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType

TIMEOUT = 5
LATEST = 40
PARTICIPANT = Participant(WhiteboardSessionId(1), UserId(7), UserType.STUDENT)


def time_range(start: int, end: int) -> TimeRange[Instant]:
    return TimeRange(Instant(start), Instant(end))


def event(kind: EventKind, at: int, connection_id: str = "", reason: EndReason = EndReason.CLOSED) -> PresenceEvent:
    return PresenceEvent(PARTICIPANT, kind, Instant(at), connection_id, reason=reason)


def connect(at: int, connection_id: str = "") -> PresenceEvent:
    return event(EventKind.CONNECT, at, connection_id)


def heartbeat(at: int, connection_id: str = "") -> PresenceEvent:
    return event(EventKind.HEARTBEAT, at, connection_id)


def disconnect(at: int, connection_id: str = "", reason: EndReason = EndReason.CLOSED) -> PresenceEvent:
    return event(EventKind.DISCONNECT, at, connection_id, reason)


events = st.builds(
    event,
    st.sampled_from(EventKind),
    st.integers(0, LATEST),
    st.sampled_from(["", "phone", "laptop"]),
    st.sampled_from(EndReason),
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[PresenceEvent], list[list[PresenceEvent]]]:
    """Draw a history and one way of delivering it: in any order, some of it twice, cut into any batches."""
    history = draw(st.lists(events, max_size=12))
    repeated = draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    arriving = draw(st.permutations([*history, *repeated]))
    cuts = sorted(draw(st.sets(st.integers(0, len(arriving)))))
    bounds = [0, *cuts, len(arriving)]
    return history, [list(arriving[start:end]) for start, end in itertools.pairwise(bounds)]


def times_of_presence(history: Sequence[PresenceEvent]) -> list[Instant]:
    """The plain rules: signs of life, and disconnects that count (docs/presence.md#disconnects)."""
    signs = {e.at for e in history if e.is_sign_of_life}
    ends = {e.at for e in history if not e.is_sign_of_life and e.reason is EndReason.CLOSED}
    counting = {end for end in ends if any(0 <= end - sign <= TIMEOUT for sign in signs)}
    return sorted(signs | counting)


def seconds_of_presence(history: Sequence[PresenceEvent]) -> set[int]:
    """Every second `[n, n + 1)` in which there was presence, judged one by one."""
    times = times_of_presence(history)
    return {
        second
        for second in range(LATEST + 1)
        if any(
            before <= second and second + 1 <= after and after - before <= TIMEOUT
            for before, after in itertools.pairwise(times)
        )
    }
