from __future__ import annotations

from datetime import UTC, datetime, timedelta

from astegni.tracking.v1 import tracking_pb2 as tracking
from development.demo.heartbeats import presence_events
from development.demo.story import Stay, Story, stay
from development.demo.timetable import timetable

NOW = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
START = NOW - timedelta(hours=3)


def test_a_stay_is_a_connect_a_heartbeat_each_15_seconds_and_a_disconnect() -> None:
    events = _events(*stay(0, 1))
    assert [(event.kind, _seconds(event)) for event in events] == [
        (tracking.connect, 0),
        (tracking.heartbeat, 15),
        (tracking.heartbeat, 30),
        (tracking.heartbeat, 45),
        (tracking.heartbeat, 60),
        (tracking.disconnect, 60),
    ]


def test_a_lost_connection_sends_no_disconnect() -> None:
    assert [event.kind for event in _events(*stay(0, 0.5, sends_disconnect=False))] == [
        tracking.connect,
        tracking.heartbeat,
        tracking.heartbeat,
    ]


def test_events_come_in_the_order_of_time() -> None:
    events = _events(*stay(1, 2), *stay(0, 3, tab="tablet"))
    assert [_seconds(event) for event in events] == sorted(_seconds(event) for event in events)


def test_every_tab_has_a_connection_id_of_its_own() -> None:
    assert {event.connection_id for event in _events(*stay(0, 1), *stay(0, 1, tab="tablet"))} == {
        "101-laptop",
        "101-tablet",
    }


def test_what_lies_in_the_future_has_not_happened() -> None:
    story = Story(what="", enrolment=1, starts_in=-0.5, tutor=stay(0, 60))
    events = presence_events(timetable([story], NOW), NOW)
    assert events[-1].observed_at.ToDatetime(UTC) == NOW
    assert tracking.disconnect not in {event.kind for event in events}


def test_without_a_whiteboard_nothing_is_seen() -> None:
    story = Story(what="", enrolment=1, starts_in=-3, has_whiteboard=False, tutor=stay(0, 60))
    assert presence_events(timetable([story], NOW), NOW) == []


def test_students_appear_as_themselves() -> None:
    story = Story(what="", enrolment=3, starts_in=-3, students={203: stay(0, 1), 204: stay(0, 1)})
    events = presence_events(timetable([story], NOW), NOW)
    assert {(event.user_id, event.user_type) for event in events} == {(203, tracking.student), (204, tracking.student)}


def _events(*stays: Stay) -> list[tracking.PresenceEvent]:
    return presence_events(timetable([Story(what="", enrolment=1, starts_in=-3, tutor=stays)], NOW), NOW)


def _seconds(event: tracking.PresenceEvent) -> float:
    return (event.observed_at.ToDatetime(UTC) - START).total_seconds()
