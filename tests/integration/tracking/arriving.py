"""How a delivery (see `deliveries`) arrives: judged by the intake, written by the recorders of several replicas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from servicekit.auth.principal import SERVICE_ROLE, Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant, to_datetime
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.sweep import sweep
from testkit.whiteboard_sessions import RELAY
from tests.integration.tracking.deliveries import ARRIVALS, BACKFILL_LIMIT, BEGIN, TIMEOUT, Told
from tracking_service.domain.events import PLAIN_HEARTBEAT, EndReason, EventKind, PresenceEvent, UserType
from tracking_service.domain.runs import PlainHeartbeat, participant_key
from tracking_service.ingest.intake import EventTooOld, Intake, Report
from tracking_service.recording.recorder import Recorder
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.recording.sweeper import Sweeper


def admitted(told: Sequence[Told], session_ids: Sequence[int], clock: Clock) -> Iterator[PresenceEvent]:
    """Yield the events of what arrives now, but for those that are too old."""
    for one in told:
        try:
            yield _intake(one, clock).event(_report(one, session_ids[one.session]))
        except EventTooOld:
            continue


def everything(told: Sequence[Told], session_ids: Sequence[int]) -> list[PresenceEvent]:
    """Return the events of all arrivals."""
    return [
        event
        for index, arrival in enumerate(ARRIVALS)
        for event in admitted(_arriving(told, index), session_ids, SettableClock(to_datetime(Instant(BEGIN + arrival))))
    ]


def deliver(
    replicas: Sequence[Database], told: Sequence[Told], session_ids: Sequence[int], *, sweeps: Collection[int]
) -> None:
    """Write one arrival after the other, each at its time; `sweeps` are those that a sweep follows."""
    clock = SettableClock(to_datetime(BEGIN))
    recorders = [Recorder(database, clock, timeout=TIMEOUT) for database in replicas]
    sweeper = Sweeper(replicas[0], clock, timeout=TIMEOUT)
    for index, arrival in enumerate(ARRIVALS):
        clock.advance((BEGIN + arrival - clock.now()) / MICROSECONDS_PER_SECOND)
        for number, recorder in enumerate(recorders):
            own = [one for one in _arriving(told, index) if one.replica == number]
            submissions = _submissions(admitted(own, session_ids, clock))
            if submissions:
                recorder.write(submissions)
        while index in sweeps and sweep(sweeper):
            pass


def _arriving(told: Sequence[Told], index: int) -> list[Told]:
    return [one for one in told for arrival in one.arrivals if arrival == index]


def _intake(one: Told, clock: Clock) -> Intake:
    user_id, role = one.person
    principal = Principal(
        subject=RELAY if one.by_relay else str(user_id),
        user_id=None if one.by_relay else UserId(user_id),
        role=SERVICE_ROLE if one.by_relay else role,
        roles=frozenset({SERVICE_ROLE if one.by_relay else role}),
        expires_at=Instant(BEGIN + max(ARRIVALS)),
    )
    return Intake(principal, clock, backfill_limit=BACKFILL_LIMIT)


def _report(one: Told, session_id: int) -> Report:
    user_id, role = one.person
    return Report(
        EventKind(one.kind),
        WhiteboardSessionId(session_id),
        UserType(role),
        UserId(user_id) if one.by_relay else None,
        PLAIN_HEARTBEAT,
        Instant(BEGIN + one.observed),
        one.connection_id,
        EndReason(one.reason),
    )


def _submissions(events: Iterator[PresenceEvent]) -> list[Submission]:
    """Make one submission per session; plain heartbeats go their own way, as they do from streams and calls."""
    made: dict[int, Submission] = defaultdict(lambda: Submission(None))
    for event in events:
        session_id, user_id, user_type = event.participant
        if event.kind is EventKind.HEARTBEAT:
            key = participant_key(session_id, user_id, is_student=user_type is UserType.STUDENT)
            made[session_id].heartbeats.append(PlainHeartbeat(UNNUMBERED, key, event.at, event.connection_id))
        else:
            made[session_id].events.append(NumberedEvent(UNNUMBERED, event))
    return list(made.values())
