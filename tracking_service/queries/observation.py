"""What of whiteboard sessions could not be observed (DESIGN 5.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.engine import Connection

from servicekit.clock import Clock, Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from tracking_service.domain.coverage import gaps_between, joined
from tracking_service.domain.events import EndReason, Participant
from tracking_service.domain.gaps import EVERYTHING_OBSERVED, Sightings, Unobserved, left_open
from tracking_service.domain.presence import Interval, Presence, Presences
from tracking_service.domain.ways import RelayGap, concerns, saw_through
from tracking_service.domain.windows import Window
from tracking_service.store import coverage, events, relay_gaps, streams

#: Everybody who was ever present, by session.
PresencesBySession = Mapping[WhiteboardSessionId, Presences]
_Windows = Mapping[WhiteboardSessionId, Sequence[Window]]
_Gaps = Mapping[WhiteboardSessionId, tuple[Window, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What could not be observed of some sessions."""

    gaps: _Gaps
    unobserved: Mapping[Participant, Unobserved]

    def of(self, participant: Participant) -> Unobserved:
        """Return what is left open of one participant's presence."""
        return self.unobserved.get(participant, EVERYTHING_OBSERVED)

    def gaps_of(self, session_id: WhiteboardSessionId) -> tuple[Window, ...]:
        """Return the gaps that concern a session, oldest first."""
        return self.gaps.get(session_id, ())


class ObservationQuery:
    """Looks up gaps near sessions, and what they leave open. Blocking."""

    def __init__(self, clock: Clock, observing_since: Callable[[], Instant | None], *, timeout: int) -> None:
        """`observing_since` tells since when this replica takes events; `timeout` is in microseconds."""
        self._clock = clock
        self._observing_since = observing_since
        self._timeout = timeout

    def get(self, connection: Connection, windows: _Windows, presences: PresencesBySession) -> Observation:
        """Look up, in the transaction that read the presences, what could not be observed of sessions in windows."""
        intervals = {session_id: _intervals(presences.get(session_id, {})) for session_id in windows}
        extents = {session_id: self._extent(intervals[session_id], windows[session_id]) for session_id in windows}
        gaps = self._gaps(connection, extents, intervals)
        concerned = {
            participant: presence
            for session_id, everybody in presences.items()
            if gaps.get(session_id)
            for participant, presence in everybody.items()
        }
        return Observation(gaps=gaps, unobserved=self._left_open(connection, concerned, gaps))

    def _extent(self, intervals: Iterable[Interval], windows: Iterable[Window]) -> Window:
        """Return the time in which gaps matter to a session: with the signs of life near them."""
        starts = [*(window.start for window in windows), *(interval.stretch.started_at for interval in intervals)]
        ends = [*(window.end for window in windows), *(interval.stretch.ended_at for interval in intervals)]
        return Window(Instant(min(starts) - self._timeout), Instant(max(ends) + self._timeout))

    def _gaps(
        self,
        connection: Connection,
        extents: Mapping[WhiteboardSessionId, Window],
        intervals: Mapping[WhiteboardSessionId, Sequence[Interval]],
    ) -> dict[WhiteboardSessionId, tuple[Window, ...]]:
        if not extents:
            return {}
        extent = Window(min(one.start for one in extents.values()), max(one.end for one in extents.values()))
        of_service = gaps_between([*coverage.load(connection, extent), *self._own_coverage()])
        of_relays = relay_gaps.load(connection, extent, extents)
        if not of_service and not of_relays:
            return {}
        covered = streams.covered(connection, _streams(chain.from_iterable(intervals.values())))
        return {
            session_id: joined(
                [
                    *(
                        gap
                        for gap in _touching(of_service, extents[session_id])
                        if not saw_through(gap, known, covered, self._timeout)
                    ),
                    *_told(of_relays, session_id, known),
                ]
            )
            for session_id, known in intervals.items()
        }

    def _own_coverage(self) -> list[Window]:
        """Return the stretch that goes on here: what is recorded of it lags behind."""
        since = self._observing_since()
        return [] if since is None else [Window(since, self._clock.now())]

    def _left_open(
        self, connection: Connection, presences: Mapping[Participant, Presence], gaps: _Gaps
    ) -> dict[Participant, Unobserved]:
        if not presences:
            return {}
        disconnects = events.disconnects(connection, {participant.session_id for participant in presences})
        arrivals = {
            participant: presence.intervals[0].stretch.started_at for participant, presence in presences.items()
        }
        seen = events.connected_at(connection, arrivals)
        return {
            participant: left_open(
                Sightings(
                    intervals=presence.intervals,
                    disconnects=[
                        event.at for event in disconnects.get(participant, ()) if event.reason is EndReason.CLOSED
                    ],
                    arrival_was_seen=participant in seen,
                ),
                gaps[participant.session_id],
                self._timeout,
            )
            for participant, presence in presences.items()
        }


def _intervals(presences: Presences) -> list[Interval]:
    return [interval for presence in presences.values() for interval in presence.intervals]


def _streams(intervals: Iterable[Interval]) -> set[StreamId]:
    return {interval.stream_id for interval in intervals if interval.stream_id is not None}


def _touching(gaps: Iterable[Window], extent: Window) -> list[Window]:
    return [gap for gap in gaps if gap.start < extent.end and gap.end > extent.start]


def _told(gaps: Iterable[RelayGap], session_id: WhiteboardSessionId, intervals: Sequence[Interval]) -> list[Window]:
    return [gap.extent for gap in gaps if concerns(gap, session_id, intervals)]
