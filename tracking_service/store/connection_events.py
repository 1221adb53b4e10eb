"""connection_events: every connect and disconnect, append-only (docs/presence.md#tables)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from servicekit.clock import Instant
from servicekit.database import arrays
from servicekit.identifiers import WhiteboardSessionId
from tracking_service.domain.events import (
    CONCLUDED_HERE,
    EndReason,
    EventKind,
    Participant,
    PresenceEvent,
    UserType,
)
from tracking_service.domain.heartbeat_columns import SESSION_SHIFT, key_of
from tracking_service.store.shards import ShardStatement, grouping_of
from tracking_service.store.sql import Placement, instant

#: The word for the end of a connection that was concluded from silence.
_TIMEOUT = "timeout"


def _append(placement: Placement) -> str:
    recorded = f"""
        INSERT INTO connection_events
            (whiteboard_session_id, user_id, user_type, occurred_at, event, connection_id)
        SELECT {placement.session_id}, user_id, user_type, occurred_at, event, connection_id
        FROM (
            SELECT {placement.participant_of_key},
                {placement.timestamptz("occurred")} AS occurred_at, event, connection_id
            FROM unnest(:keys, :occurred, :events, :connection_ids) AS batch (key, occurred, event, connection_id)
        ) AS batch {placement.session_join}
        WHERE connection_id <> :concluded_here OR NOT EXISTS (
            SELECT FROM connection_events AS known
            WHERE known.whiteboard_session_id = {placement.session_id} AND known.user_id = batch.user_id
                AND known.user_type = batch.user_type AND known.occurred_at = batch.occurred_at
                AND known.event = '{_TIMEOUT}' AND {placement.of_sessions("known.whiteboard_session_id")}
        )
        ON CONFLICT DO NOTHING
        RETURNING whiteboard_session_id, user_id, user_type, occurred_at, event, connection_id"""  # noqa: S608
    if placement.is_in_shard:
        # The coordinator would run what surrounds it itself.
        return recorded
    return f"""
    -- Connects and disconnects. If one is recorded already, the same event was delivered twice. What this service
    -- concluded is not recorded where a relay concluded the same. If all are new, only their number is returned.
    WITH recorded AS ({recorded}
    )
    SELECT number, recorded.*
    FROM (SELECT count(*) AS number FROM recorded) AS counted
    LEFT JOIN recorded ON number < cardinality(:keys)
    """  # noqa: S608 - constants


_APPEND = ShardStatement(
    "append_events",
    _append,
    {
        "keys": "bigint[]",
        "occurred": "bigint[]",
        "events": "text[]",
        "connection_ids": "text[]",
        "concluded_here": "text",
    },
)


def _connection_ids(placement: Placement) -> str:
    number = placement.connection_number("known.connection_id")
    return f"""
    -- Ids of connections of some participants, by their numbers.
    SELECT DISTINCT {number} AS number, known.connection_id
    FROM (SELECT {placement.participant_of_key} FROM unnest(:keys) AS batch (key)) AS batch
    JOIN connection_events AS known ON known.whiteboard_session_id = batch.session_id
        AND known.user_id = batch.user_id AND known.user_type = batch.user_type
    WHERE {number} = ANY (:numbers) AND {placement.of_sessions("known.whiteboard_session_id")}
    """  # noqa: S608 - constants


_CONNECTION_IDS = ShardStatement("connection_ids", _connection_ids, {"keys": "bigint[]", "numbers": "bigint[]"})


def _disconnects_since(placement: Placement) -> str:
    return f"""
    -- A late sign of life may make one of them count.
    SELECT known.whiteboard_session_id, known.user_id, known.user_type, known.occurred_at, known.event,
        known.connection_id
    FROM (
        SELECT {placement.participant_of_key}, {placement.timestamptz("since")} AS since
        FROM unnest(:keys, :times) AS batch (key, since)
    ) AS batch
    JOIN connection_events AS known ON known.whiteboard_session_id = batch.session_id
        AND known.user_id = batch.user_id AND known.user_type = batch.user_type
        AND known.occurred_at >= batch.since
    WHERE known.event <> 'connect' AND {placement.of_sessions("known.whiteboard_session_id")}
    """  # noqa: S608 - constants


_TIMED = {"keys": "bigint[]", "times": "bigint[]"}
_DISCONNECTS_SINCE = ShardStatement("disconnects_since", _disconnects_since, _TIMED)

_LEFT_IN_SILENCES = text("""
    -- The times at which participants were seen to leave, outside of their intervals.
    SELECT DISTINCT whiteboard_session_id, user_id, user_type, occurred_at
    FROM connection_events AS known
    WHERE whiteboard_session_id = ANY (CAST(:session_ids AS integer[])) AND event = 'disconnect' AND NOT EXISTS (
        SELECT FROM presence_intervals AS interval
        WHERE interval.whiteboard_session_id = known.whiteboard_session_id AND interval.user_id = known.user_id
            AND interval.user_type = known.user_type
            AND interval.started_at <= known.occurred_at AND interval.ended_at >= known.occurred_at
    )
""")


def _connected_at(placement: Placement) -> str:
    return f"""
    -- The participants with a recorded connect at exactly the given time.
    SELECT session_id, user_id, user_type
    FROM (
        SELECT {placement.participant_of_key}, {placement.timestamptz("time")} AS at
        FROM unnest(:keys, :times) AS batch (key, time)
    ) AS batch
    WHERE EXISTS (
        SELECT FROM connection_events AS known
        WHERE known.whiteboard_session_id = batch.session_id AND known.user_id = batch.user_id
            AND known.user_type = batch.user_type AND known.occurred_at = batch.at
            AND known.event = 'connect' AND {placement.of_sessions("known.whiteboard_session_id")}
    )
    """  # noqa: S608 - constants


_CONNECTED_AT = ShardStatement("connected_at", _connected_at, _TIMED)


def append(connection: Connection, events: Iterable[PresenceEvent]) -> list[PresenceEvent]:
    """Record connects and disconnects and return those that were not recorded before."""
    # What is in order already, as events of one message commonly are, takes no time to sort.
    rows = _without_double_conclusions(sorted(dict.fromkeys(events)))
    if not rows:
        return []
    parameters = {
        "keys": arrays.numbers([key_of(event.participant) for event in rows]),
        "occurred": arrays.numbers([event.at for event in rows]),
        "events": arrays.texts([_word(event) for event in rows]),
        "connection_ids": arrays.texts([event.connection_id for event in rows]),
        "concluded_here": CONCLUDED_HERE,
    }
    recorded = _APPEND.execute(connection, parameters, _sessions(rows)).all()
    if grouping_of(connection).is_distributed:
        return _events(recorded)
    number: int = recorded[0].number
    if number == len(rows):
        return rows
    return _events(row[1:] for row in recorded) if number else []


def disconnects_since(
    connection: Connection, since: Mapping[Participant, Instant]
) -> dict[Participant, list[PresenceEvent]]:
    """Return the recorded disconnects of participants, each from a time on."""
    by_participant: dict[Participant, list[PresenceEvent]] = defaultdict(list)
    sessions = {participant.session_id for participant in since}
    for event in _events(_DISCONNECTS_SINCE.execute(connection, _timed(since), sessions).all()):
        by_participant[event.participant].append(event)
    return by_participant


def connection_ids(connection: Connection, keys: Iterable[int], numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of connections by their numbers, as far as connects or disconnects of some participants say."""
    chosen = list(keys)
    parameters = {"keys": arrays.numbers(chosen), "numbers": arrays.numbers(numbers)}
    sessions = {key >> SESSION_SHIFT for key in chosen}
    return {row.number: row.connection_id for row in _CONNECTION_IDS.execute(connection, parameters, sessions)}


def left_in_silences(
    connection: Connection, session_ids: Iterable[WhiteboardSessionId]
) -> dict[Participant, list[Instant]]:
    """Return when participants of the sessions were seen to leave although no interval of theirs says so."""
    by_participant: dict[Participant, list[Instant]] = defaultdict(list)
    for row in connection.execute(_LEFT_IN_SILENCES, {"session_ids": arrays.integers(session_ids)}):
        participant = Participant(row.whiteboard_session_id, row.user_id, UserType(row.user_type))
        by_participant[participant].append(instant(row.occurred_at))
    return by_participant


def connected_at(connection: Connection, times: Mapping[Participant, Instant]) -> set[Participant]:
    """Return the participants for whom a connect is recorded at exactly the given time."""
    sessions = {participant.session_id for participant in times}
    rows = _CONNECTED_AT.execute(connection, _timed(times), sessions)
    return {Participant(row.session_id, row.user_id, UserType(row.user_type)) for row in rows}


def _without_double_conclusions(events: list[PresenceEvent]) -> list[PresenceEvent]:
    if not any(event.connection_id == CONCLUDED_HERE for event in events):
        return events
    concluded_by_relays = {
        (event.participant, event.at)
        for event in events
        if _word(event) == _TIMEOUT and event.connection_id != CONCLUDED_HERE
    }
    return [
        event
        for event in events
        if event.connection_id != CONCLUDED_HERE or (event.participant, event.at) not in concluded_by_relays
    ]


def _sessions(events: Iterable[PresenceEvent]) -> set[WhiteboardSessionId]:
    return {event.participant.session_id for event in events}


def _timed(times: Mapping[Participant, Instant]) -> dict[str, str]:
    return {"keys": arrays.numbers(map(key_of, times)), "times": arrays.numbers(times.values())}


def _word(event: PresenceEvent) -> str:
    if event.kind is EventKind.DISCONNECT and event.reason is EndReason.TIMED_OUT:
        return _TIMEOUT
    return event.kind


def _events(rows: Iterable[Sequence[Any]]) -> list[PresenceEvent]:
    return [
        PresenceEvent(
            Participant(session_id, user_id, UserType(user_type)),
            EventKind.DISCONNECT if word == _TIMEOUT else EventKind(word),
            instant(occurred_at),
            connection_id,
            reason=EndReason.TIMED_OUT if word == _TIMEOUT else EndReason.CLOSED,
        )
        for session_id, user_id, user_type, occurred_at, word, connection_id in rows
    ]
