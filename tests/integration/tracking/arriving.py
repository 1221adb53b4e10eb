"""How deliveries (see `deliveries`) arrive: read from messages, written by the recorders of several replicas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from enum import Enum, auto

from astegni.tracking.v1 import tracking_pb2
from servicekit.auth.principal import SERVICE_ROLE, Principal
from servicekit.clock import MICROSECONDS_PER_SECOND, Clock, Instant, to_datetime
from servicekit.database.engine import Database
from servicekit.identifiers import UserId, WhiteboardSessionId
from testkit.clock import SettableClock
from testkit.heartbeat_client import event
from testkit.sweep import sweep
from testkit.whiteboard_sessions import RELAY
from tests.integration.tracking.deliveries import ARRIVALS, BACKFILL_LIMIT, BEGIN, TIMEOUT, Delivery
from tracking_service.domain.events import EventKind, PresenceEvent
from tracking_service.domain.heartbeat_columns import key_of
from tracking_service.errors import EventTooOld
from tracking_service.folding.fold import Folder
from tracking_service.folding.sweeper import Sweeper
from tracking_service.folding.watched import WatchedSessions
from tracking_service.recording.appender import Appender
from tracking_service.recording.submission import UNNUMBERED, NumberedEvent, Submission
from tracking_service.wire.event_reader import EventReader


class Fold(Enum):
    """What is folded after an arrival."""

    NOTHING = auto()
    ONE_SESSION = auto()
    WATCHED_SESSIONS = auto()
    ALL = auto()


def admitted(deliveries: Sequence[Delivery], session_ids: Sequence[int], clock: Clock) -> Iterator[PresenceEvent]:
    """Yield the events that arrive now, without those that are too old."""
    for one in deliveries:
        try:
            yield _reader(one, clock).event(_message(one, session_ids[one.session]))
        except EventTooOld:
            continue


def everything(deliveries: Sequence[Delivery], session_ids: Sequence[int]) -> list[PresenceEvent]:
    """Return the events of all arrivals."""
    return [
        event
        for index, arrival in enumerate(ARRIVALS)
        for event in admitted(
            _arriving(deliveries, index), session_ids, SettableClock(to_datetime(Instant(BEGIN + arrival)))
        )
    ]


def deliver(
    replicas: Sequence[Database],
    deliveries: Sequence[Delivery],
    session_ids: Sequence[int],
    *,
    folds: Sequence[Fold],
    sweeps: Collection[int],
) -> None:
    """Append one arrival after the other, each at its time, and fold after some of them.

    `folds` say for each arrival what is folded after it; in the end all is. `sweeps` are those that a sweep follows.
    """
    clock = SettableClock(to_datetime(BEGIN))
    appenders = [Appender(database) for database in replicas]
    folders = [Folder(database, clock, timeout=TIMEOUT) for database in replicas]
    watched = [
        WatchedSessions(database, clock, folder, timeout=TIMEOUT)
        for database, folder in zip(replicas, folders, strict=True)
    ]
    sweeper = Sweeper(replicas[0], clock, folders[0], timeout=TIMEOUT)
    for index, arrival in enumerate(ARRIVALS):
        clock.advance((BEGIN + arrival - clock.now()) / MICROSECONDS_PER_SECOND)
        for number, appender in enumerate(appenders):
            own = [one for one in _arriving(deliveries, index) if one.replica == number]
            submissions = _submissions(admitted(own, session_ids, clock))
            if submissions:
                appender.write(submissions)
        fold = folds[index]
        if fold is Fold.ALL:
            folders[index % len(folders)].fold()
        elif fold is Fold.WATCHED_SESSIONS:
            watched[index % len(watched)].fold([WhiteboardSessionId(number) for number in session_ids[:-1]])
        elif fold is Fold.ONE_SESSION:
            folders[index % len(folders)].fold_sessions({WhiteboardSessionId(session_ids[index % len(session_ids)])})
        while index in sweeps and sweep(sweeper):
            pass
    folders[0].fold()


def _arriving(deliveries: Sequence[Delivery], index: int) -> list[Delivery]:
    return [one for one in deliveries for arrival in one.arrivals if arrival == index]


def _reader(one: Delivery, clock: Clock) -> EventReader:
    user_id, role = one.person
    principal = Principal(
        subject=RELAY if one.by_relay else str(user_id),
        user_id=None if one.by_relay else UserId(user_id),
        role=SERVICE_ROLE if one.by_relay else role,
        roles=frozenset({SERVICE_ROLE if one.by_relay else role}),
        expires_at=Instant(BEGIN + max(ARRIVALS)),
    )
    return EventReader(principal, clock, arrival_time=clock.now, backfill_limit=BACKFILL_LIMIT)


def _message(one: Delivery, session_id: int) -> tracking_pb2.PresenceEvent:
    user_id, role = one.person
    return event(
        1,
        one.kind,
        session_id,
        user_id if one.by_relay else None,
        user_type=role,
        at=to_datetime(Instant(BEGIN + one.observed)),
        connection_id=one.connection_id,
        disconnect_reason=tracking_pb2.DisconnectReason.Value(one.reason),
    )


def _submissions(events: Iterator[PresenceEvent]) -> list[Submission]:
    """Make one submission per session, with plain heartbeats apart, as streams and calls do."""
    made: dict[int, Submission] = defaultdict(lambda: Submission(None))
    for delivered in events:
        participant = delivered.participant
        own = made[participant.session_id]
        if delivered.kind is EventKind.HEARTBEAT:
            own.heartbeats.add(UNNUMBERED, key_of(participant), delivered.at, delivered.connection_id)
        else:
            own.events.append(NumberedEvent(UNNUMBERED, delivered))
    return list(made.values())
