"""What could not be observed of whiteboard sessions (docs/presence.md#observation-gaps)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from sqlalchemy.engine import Connection

from servicekit.clock import Clock, Instant
from servicekit.identifiers import StreamId, WhiteboardSessionId
from servicekit.time_ranges import TimeRange, union
from tracking_service.domain.events import Participant
from tracking_service.domain.observation_gaps import (
    NO_EFFECTS,
    GapEffects,
    Observations,
    ReplicaCoverage,
    effects_of_gaps,
    gaps_between,
    standstills_of,
    undated_times,
)
from tracking_service.domain.presence import Interval, Presence, Presences
from tracking_service.domain.provenance import RelayGap, concerns, covers_gap
from tracking_service.domain.relay_coverage import unwatched
from tracking_service.store import connection_events, heartbeat_streams, observation, relay_coverage

#: All who were ever present, by session.
PresencesBySession = Mapping[WhiteboardSessionId, Presences]
_Windows = Mapping[WhiteboardSessionId, Sequence[TimeRange[Instant]]]
_Gaps = Mapping[WhiteboardSessionId, tuple[TimeRange[Instant], ...]]


class _Recorded(NamedTuple):
    """What was recorded of times in which nothing could be observed."""

    #: Those that concern a session, by session; they may overlap.
    gaps: Mapping[WhiteboardSessionId, Sequence[TimeRange[Instant]]]
    #: Of single replicas.
    standstills: Sequence[TimeRange[Instant]]


_NOTHING = _Recorded({}, ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What could not be observed of some sessions."""

    gaps: _Gaps
    gap_effects: Mapping[Participant, GapEffects]
    #: When events were first taken; before that, nothing could be seen unless a relay delivered it later.
    observing_since: Instant

    def of(self, participant: Participant) -> GapEffects:
        """Return how gaps affect one participant's presence."""
        return self.gap_effects.get(participant, NO_EFFECTS)

    def gaps_of(self, session_id: WhiteboardSessionId) -> tuple[TimeRange[Instant], ...]:
        """Return the gaps that concern a session, oldest first."""
        return self.gaps.get(session_id, ())


class ObservationQuery:
    """Reads gaps near sessions, and how they affect presence. Blocking."""

    def __init__(self, clock: Clock, own_coverage: Callable[[], list[ReplicaCoverage]], *, timeout: int) -> None:
        """`own_coverage` returns when this replica took events; what is recorded of it lags behind.

        `timeout` is in microseconds.
        """
        self._clock = clock
        self._own_coverage = own_coverage
        self._timeout = timeout

    def get(self, connection: Connection, windows: _Windows, presences: PresencesBySession) -> Observation:
        """Return what could not be observed of sessions in windows. Runs in the transaction that read the presences."""
        intervals = {session_id: _intervals(presences.get(session_id, {})) for session_id in windows}
        relevant = {session_id: self._relevant(intervals[session_id], windows[session_id]) for session_id in windows}
        recorded = self._recorded(connection, relevant, intervals)
        gaps = {session_id: union(of_session) for session_id, of_session in recorded.gaps.items()}
        concerned = {
            participant: presence
            for session_id, by_participant in presences.items()
            if gaps.get(session_id)
            for participant, presence in by_participant.items()
        }
        return Observation(
            gaps=gaps,
            gap_effects=self._effects(connection, concerned, gaps, recorded),
            observing_since=self._first_observed(connection),
        )

    def _relevant(self, intervals: Iterable[Interval], windows: Iterable[TimeRange[Instant]]) -> TimeRange[Instant]:
        """Return the time in which gaps matter to a session: its windows and all signs of life near them."""
        starts = [*(window.start for window in windows), *(interval.span.started_at for interval in intervals)]
        ends = [*(window.end for window in windows), *(interval.span.ended_at for interval in intervals)]
        return TimeRange(Instant(min(starts) - self._timeout), Instant(max(ends) + self._timeout))

    def _recorded(
        self,
        connection: Connection,
        relevant: Mapping[WhiteboardSessionId, TimeRange[Instant]],
        intervals: Mapping[WhiteboardSessionId, Sequence[Interval]],
    ) -> _Recorded:
        if not relevant:
            return _NOTHING
        times = relevant.values()
        whole = TimeRange(min(one.start for one in times), max(one.end for one in times))
        coverage = [*observation.load_coverage(connection, whole), *self._own_coverage()]
        of_service = gaps_between(one.time_range for one in coverage)
        of_relays = observation.load_gaps(connection, whole, relevant)
        not_watched = self._unwatched(connection, whole, relevant)
        if not of_service and not of_relays and not not_watched:
            return _NOTHING
        covered = heartbeat_streams.covered(connection, _streams(chain.from_iterable(intervals.values())))
        gaps = {
            session_id: [
                *(
                    gap
                    for gap in _touching(of_service, relevant[session_id])
                    if not covers_gap(gap, known, covered, self._timeout)
                ),
                *_reported(of_relays, session_id, known),
                *_touching(not_watched.get(session_id, ()), relevant[session_id]),
            ]
            for session_id, known in intervals.items()
        }
        return _Recorded(gaps, standstills_of(coverage))

    def _unwatched(
        self, connection: Connection, whole: TimeRange[Instant], session_ids: Iterable[WhiteboardSessionId]
    ) -> dict[WhiteboardSessionId, tuple[TimeRange[Instant], ...]]:
        """Return when no live relay watched the connections of sessions that they had watched, by session."""
        streams = relay_coverage.streams_of(connection, session_ids)
        if not streams:
            return {}
        coverage, now = (
            relay_coverage.load(connection, set(chain.from_iterable(streams.values())), whole),
            self._clock.now(),
        )
        gaps = {session_id: unwatched(coverage, delivered_by, now) for session_id, delivered_by in streams.items()}
        return {session_id: of_session for session_id, of_session in gaps.items() if of_session}

    def _first_observed(self, connection: Connection) -> Instant:
        """Return when events were first taken: now, if they never were."""
        own = [one.time_range.start for one in self._own_coverage()]
        recorded = observation.first_coverage(connection)
        return min([*own, *([] if recorded is None else [recorded])], default=self._clock.now())

    def _effects(
        self,
        connection: Connection,
        presences: Mapping[Participant, Presence],
        gaps: _Gaps,
        recorded: _Recorded,
    ) -> dict[Participant, GapEffects]:
        if not presences:
            return {}
        left = connection_events.left_in_silences(connection, {participant.session_id for participant in presences})
        arrivals = {participant: presence.intervals[0].span.started_at for participant, presence in presences.items()}
        seen = connection_events.connected_at(connection, arrivals)
        return {
            participant: effects_of_gaps(
                Observations(
                    intervals=presence.intervals,
                    disconnects=left.get(participant, ()),
                    arrival_was_seen=participant in seen,
                    undated=undated_times(
                        _bounds(presence.intervals), recorded.gaps[participant.session_id], recorded.standstills
                    ),
                ),
                gaps[participant.session_id],
                self._timeout,
            )
            for participant, presence in presences.items()
        }


def _intervals(presences: Presences) -> list[Interval]:
    return [interval for presence in presences.values() for interval in presence.intervals]


def _bounds(intervals: Iterable[Interval]) -> set[Instant]:
    return {at for interval in intervals for at in (interval.span.started_at, interval.span.ended_at)}


def _streams(intervals: Iterable[Interval]) -> set[StreamId]:
    return {interval.stream_id for interval in intervals if interval.stream_id is not None}


def _touching(gaps: Iterable[TimeRange[Instant]], relevant: TimeRange[Instant]) -> list[TimeRange[Instant]]:
    return [gap for gap in gaps if gap.start < relevant.end and gap.end > relevant.start]


def _reported(
    gaps: Iterable[RelayGap], session_id: WhiteboardSessionId, intervals: Sequence[Interval]
) -> list[TimeRange[Instant]]:
    """Return the gaps of relays that concern a session, without those of no length."""
    return [
        gap.time_range
        for gap in gaps
        if gap.time_range.start < gap.time_range.end and concerns(gap, session_id, intervals)
    ]
