"""A relay delivers events while nothing fails, and reports what is delivered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from heartbeat_relay import HeartbeatRelay, RelayClosed, Statistics
from testkit.relays import draw, lesson_time, make_relay, stream_count, strokes
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, columns, intervals

#: More than the service allows unacknowledged.
MANY = 12_000
#: More than a relay sends as events.
MANY_AT_ONCE = 250


def beat(relay: HeartbeatRelay, session_id: int, second: float) -> None:
    relay.heartbeat(session_id=session_id, user_id=STUDENT, user_type="student", at=lesson_time(second))


async def test_connects_heartbeats_and_disconnects_are_recorded(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        relay.connect(
            session_id=session_id, user_id=STUDENT, user_type="student", at=lesson_time(0), connection_id="tab"
        )
        beat(relay, session_id, 60)
        relay.disconnect(
            session_id=session_id, user_id=STUDENT, user_type="student", at=lesson_time(90), connection_id="tab"
        )
    assert intervals(database, session_id) == [(STUDENT, 90.0, "closed")]


async def test_many_heartbeats_at_once_are_recorded_and_rejected_one_by_one(
    service: Service, database: str, session_id: int
) -> None:
    students = range(1_001, 1_001 + MANY_AT_ONCE)
    session = add_whiteboard_session(database, students=students)
    rejected: list[tuple[int, int, datetime, str, str]] = []
    async with make_relay(
        service.address,
        on_rejection=lambda event, reason, _: rejected.append(
            (event.session_id, event.user_id, event.observed_at.ToDatetime(UTC), event.connection_id, reason)
        ),
    ) as relay:
        # Once a stream is open, it is known that the service reads them as columns.
        await relay.opened()
        for second in (0, 60):
            for student in students:
                known = session_id if student == students[-1] else session
                relay.heartbeat(
                    session_id=known,
                    user_id=student,
                    user_type="student",
                    at=lesson_time(second),
                    connection_id=f"tab {student}",
                )
    assert intervals(database, session) == [(student, 60.0, "timed_out") for student in students[:-1]]
    stranger = students[-1]
    assert rejected == [
        (session_id, stranger, lesson_time(second), f"tab {stranger}", "NOT_A_PARTICIPANT") for second in (0, 60)
    ]


async def test_a_disconnect_that_was_concluded_from_silence_is_recorded_as_timed_out(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        beat(relay, session_id, 0)
        relay.disconnect(
            session_id=session_id, user_id=STUDENT, user_type="student", reason="timed_out", at=lesson_time(60)
        )
    assert intervals(database, session_id) == [(STUDENT, 0.0, "timed_out")]


async def test_an_event_has_the_time_at_which_the_relay_got_it(
    service: Service, database: str, session_id: int
) -> None:
    await service.stop()
    async with make_relay(service.address) as relay:
        relay.connect(session_id=session_id, user_id=TUTOR, user_type="tutor")
        recorded_at = datetime.now(UTC)
        await service.start()
    (connected_at,) = columns(database, session_id, "tutor_connected_at")
    assert connected_at <= recorded_at


async def test_after_flushed_all_events_are_in_the_database(service: Service, database: str, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        for second in range(100):
            draw(relay, session_id, second)
        await relay.flushed()
        assert strokes(database) == 100


async def test_more_events_than_the_service_allows_unacknowledged_are_delivered_in_turn(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        for number in range(MANY):
            draw(relay, session_id, number / 10)
    assert strokes(database) == MANY


async def test_statistics_count_events(service: Service, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        draw(relay, 999_999, 0)
        assert relay.statistics.unacknowledged == 2
        await relay.flushed()
        counts = relay.statistics
    assert counts == Statistics(sent=2, acknowledged=2, rejected=1, unacknowledged=0, reconnects=0)


async def test_several_streams_share_the_sessions_and_keep_the_order_within_each(
    service: Service, database: str
) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(20)]
    async with make_relay(service.address, streams=8) as relay:
        for second in range(0, 300, 60):
            for session in sessions:
                beat(relay, session, second)
    assert stream_count(database) == 8
    assert [intervals(database, session) for session in sessions] == [[(STUDENT, 240.0, "timed_out")]] * 20


async def test_two_relays_with_the_same_participant_make_one_interval(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as one, make_relay(service.address) as other:
        for second in range(0, 300, 60):
            beat(one, session_id, second)
            beat(other, session_id, second)
            beat(other, session_id, second + 30)
    assert intervals(database, session_id) == [(STUDENT, 270.0, "timed_out")]


async def test_a_rejected_event_is_reported_once_and_its_neighbours_are_recorded(
    service: Service, database: str, session_id: int
) -> None:
    rejected: list[tuple[int, datetime, str, str]] = []
    async with make_relay(
        service.address,
        on_rejection=lambda event, reason, message: rejected.append(
            (event.user_id, event.observed_at.ToDatetime(UTC), reason, message)
        ),
    ) as relay:
        draw(relay, session_id, 1)
        draw(relay, session_id, 2, user_id=31_337)
        draw(relay, session_id, 3)
        await relay.flushed()
        draw(relay, session_id, 4)
    message = f"user 31337 is not a student of whiteboard session {session_id}"
    assert rejected == [(31_337, lesson_time(2), "NOT_A_PARTICIPANT", message)]
    assert strokes(database) == 3


async def test_a_callback_that_fails_affects_no_event(
    service: Service, database: str, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_relay(service.address, on_rejection=lambda *_: 1 / 0) as relay:  # type: ignore[arg-type]
        draw(relay, 999_999, 0)
        draw(relay, session_id, 0)
    assert strokes(database) == 1
    assert "on_rejection failed" in caplog.text


async def test_without_a_callback_rejections_are_logged_with_their_reasons(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_relay(service.address) as relay:
        draw(relay, 999_999, 0)
    assert "{'WHITEBOARD_SESSION_NOT_FOUND': 1}" in caplog.text


async def test_the_relay_uses_the_interval_and_the_timeout_of_the_service(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(tracking_settings(database, monkeypatch, HEARTBEAT_INTERVAL_SECONDS="20"))
    await service.start()
    relay = make_relay(service.address)
    assert relay.heartbeat_interval == timedelta(seconds=15)
    async with relay:
        await relay.opened()
        assert (relay.heartbeat_interval, relay.presence_timeout) == (timedelta(seconds=20), timedelta(seconds=75))
    await service.stop()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"user_type": "parent"}, "'tutor' or 'student'"),
        ({"at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - that is the point
        ({"session_id": 2**40}, "out of range"),
        ({"user_id": "somebody"}, "int"),
        ({"connection_id": "x" * 65}, "at most 64"),
        ({"activity_type": "x" * 33}, "activity_type 32"),
        ({"activity_type": "\ud800"}, "surrogates"),
    ],
)
async def test_an_event_that_can_not_be_sent_is_an_error_at_once_and_leaves_no_trace(
    service: Service, database: str, session_id: int, wrong: dict[str, object], message: str
) -> None:
    valid = {"session_id": session_id, "user_id": STUDENT, "user_type": "student", "at": lesson_time(0)}
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        with pytest.raises((TypeError, ValueError), match=message):
            relay.heartbeat(**{**valid, **wrong})  # type: ignore[arg-type]
        draw(relay, session_id, 1)
    assert strokes(database) == 2


async def test_any_other_disconnect_reason_is_an_error(service: Service, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        with pytest.raises(ValueError, match="'closed' or 'timed_out'"):
            relay.disconnect(
                session_id=session_id,
                user_id=STUDENT,
                user_type="student",
                reason="bored",  # type: ignore[arg-type]
            )


async def test_events_are_taken_only_inside_the_block(service: Service, session_id: int) -> None:
    relay = make_relay(service.address)
    with pytest.raises(RelayClosed):
        draw(relay, session_id, 0)
    async with relay:
        pass
    with pytest.raises(RelayClosed):
        draw(relay, session_id, 0)


async def test_a_relay_can_be_used_only_once(service: Service) -> None:
    relay = make_relay(service.address)
    async with relay:
        pass
    with pytest.raises(RelayClosed):
        async with relay:
            pass


@pytest.mark.parametrize(("streams", "capacity"), [(0, 1), (1, 0)])
def test_a_relay_needs_a_stream_and_a_capacity(streams: int, capacity: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_relay("127.0.0.1:1", streams=streams, capacity=capacity)


async def test_on_acknowledged_is_called_when_the_event_is_committed(
    service: Service, database: str, session_id: int
) -> None:
    strokes_when_called: list[int] = []
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        relay.heartbeat(
            session_id=session_id,
            user_id=STUDENT,
            user_type="student",
            activity_type="draw",
            at=lesson_time(1),
            on_acknowledged=lambda: strokes_when_called.append(strokes(database)),
        )
        await relay.flushed()
        draw(relay, session_id, 2)
    assert strokes_when_called == [2]


async def test_on_rejection_is_called_before_on_acknowledged(service: Service, session_id: int) -> None:
    calls: list[str] = []
    async with make_relay(service.address, on_rejection=lambda _event, reason, _message: calls.append(reason)) as relay:
        relay.connect(
            session_id=session_id,
            user_id=31_337,
            user_type="student",
            on_acknowledged=lambda: calls.append("acknowledged"),
        )
    assert calls == ["NOT_A_PARTICIPANT", "acknowledged"]


async def test_a_relay_without_acknowledgements_is_stalled_until_the_next_one(
    service: Service, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        await relay.opened()
        assert relay.stalled_for == timedelta(0)
        await service.stop()
        draw(relay, session_id, 0)
        assert relay.stalled_for > timedelta(0)
        await service.start()
        await relay.flushed()
        assert relay.stalled_for == timedelta(0)
