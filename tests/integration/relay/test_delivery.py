"""HeartbeatRelay in good weather: what is handed to it is recorded, and it says how far that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from heartbeat_relay import HeartbeatRelay, RelayClosed
from testkit.relays import draw, make_relay, moment, stream_count, strokes
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, columns, intervals

#: More than the service lets be on the way at once.
MANY = 12_000


def beat(relay: HeartbeatRelay, session_id: int, second: float) -> None:
    relay.heartbeat(session_id=session_id, user_id=STUDENT, user_type="student", at=moment(second))


async def test_connects_heartbeats_and_disconnects_become_facts(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        relay.connect(session_id=session_id, user_id=STUDENT, user_type="student", at=moment(0), connection_id="tab")
        beat(relay, session_id, 60)
        relay.disconnect(
            session_id=session_id, user_id=STUDENT, user_type="student", at=moment(90), connection_id="tab"
        )
    assert intervals(database, session_id) == [(STUDENT, 90.0, "closed")]


async def test_a_disconnect_concluded_from_silence_is_told_as_such(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        beat(relay, session_id, 0)
        relay.disconnect(session_id=session_id, user_id=STUDENT, user_type="student", reason="timed_out", at=moment(60))
    assert intervals(database, session_id) == [(STUDENT, 0.0, "timed_out")]


async def test_an_event_bears_the_moment_at_which_it_was_handed_over(
    service: Service, database: str, session_id: int
) -> None:
    await service.stop()
    async with make_relay(service.address) as relay:
        relay.connect(session_id=session_id, user_id=TUTOR, user_type="tutor")
        handed_over = datetime.now(UTC)
        await service.start()
    (connected_at,) = columns(database, session_id, "tutor_connected_at")
    assert connected_at <= handed_over


async def test_what_is_flushed_is_in_the_database(service: Service, database: str, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        for second in range(100):
            draw(relay, session_id, second)
        await relay.flushed()
        assert strokes(database) == 100


async def test_more_events_than_may_be_on_the_way_are_delivered_in_turn(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        for number in range(MANY):
            draw(relay, session_id, number / 10)
    assert strokes(database) == MANY


async def test_statistics_tell_what_was_done(service: Service, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        draw(relay, 999_999, 0)
        assert relay.statistics.unacknowledged == 2
        await relay.flushed()
        done = relay.statistics
    assert (done.sent, done.acknowledged, done.rejected, done.unacknowledged, done.reconnects) == (2, 2, 1, 0, 0)


async def test_several_streams_share_the_sessions_and_keep_the_order_of_each(service: Service, database: str) -> None:
    sessions = [add_whiteboard_session(database) for _ in range(20)]
    async with make_relay(service.address, streams=8) as relay:
        for second in range(0, 300, 60):
            for session in sessions:
                beat(relay, session, second)
    assert stream_count(database) == 8
    assert [intervals(database, session) for session in sessions] == [[(STUDENT, 240.0, "timed_out")]] * 20


async def test_two_relays_with_the_same_participant_are_one_presence(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as one, make_relay(service.address) as other:
        for second in range(0, 300, 60):
            beat(one, session_id, second)
            beat(other, session_id, second)
            beat(other, session_id, second + 30)
    assert intervals(database, session_id) == [(STUDENT, 270.0, "timed_out")]


async def test_a_refused_event_is_told_once_and_its_neighbours_are_kept(
    service: Service, database: str, session_id: int
) -> None:
    refused: list[tuple[int, datetime, str, str]] = []
    async with make_relay(
        service.address,
        on_rejection=lambda event, reason, message: refused.append(
            (event.user_id, event.observed_at.ToDatetime(UTC), reason, message)
        ),
    ) as relay:
        draw(relay, session_id, 1)
        draw(relay, session_id, 2, user_id=31_337)
        draw(relay, session_id, 3)
        await relay.flushed()
        draw(relay, session_id, 4)
    said = f"user 31337 is not a student of whiteboard session {session_id}"
    assert refused == [(31_337, moment(2), "NOT_A_PARTICIPANT", said)]
    assert strokes(database) == 3


async def test_a_callback_that_fails_harms_no_event(
    service: Service, database: str, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_relay(service.address, on_rejection=lambda *_: 1 / 0) as relay:  # type: ignore[arg-type]
        draw(relay, 999_999, 0)
        draw(relay, session_id, 0)
    assert strokes(database) == 1
    assert "on_rejection failed" in caplog.text


async def test_refusals_that_nobody_wants_to_know_are_logged_by_their_reasons(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_relay(service.address) as relay:
        draw(relay, 999_999, 0)
    assert "{'WHITEBOARD_SESSION_NOT_FOUND': 1}" in caplog.text


async def test_the_service_dictates_the_rhythm(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(tracking_settings(database, monkeypatch, HEARTBEAT_INTERVAL_SECONDS="20"))
    await service.start()
    relay = make_relay(service.address)
    assert relay.heartbeat_interval == timedelta(seconds=15)
    async with relay:
        await relay.opened()
        assert (relay.heartbeat_interval, relay.presence_timeout) == (timedelta(seconds=20), timedelta(seconds=75))
    await service.stop()


@pytest.mark.parametrize(
    ("wrong", "said"),
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
async def test_what_can_not_be_sent_is_refused_at_once_and_leaves_no_trace(
    service: Service, database: str, session_id: int, wrong: dict[str, object], said: str
) -> None:
    right = {"session_id": session_id, "user_id": STUDENT, "user_type": "student", "at": moment(0)}
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        with pytest.raises((TypeError, ValueError), match=said):
            relay.heartbeat(**{**right, **wrong})  # type: ignore[arg-type]
        draw(relay, session_id, 1)
    assert strokes(database) == 2


async def test_a_disconnect_has_one_of_two_reasons(service: Service, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        with pytest.raises(ValueError, match="'closed' or 'timed_out'"):
            relay.disconnect(
                session_id=session_id,
                user_id=STUDENT,
                user_type="student",
                reason="bored",  # type: ignore[arg-type]
            )


async def test_events_are_taken_inside_the_block_only(service: Service, session_id: int) -> None:
    relay = make_relay(service.address)
    with pytest.raises(RelayClosed):
        draw(relay, session_id, 0)
    async with relay:
        pass
    with pytest.raises(RelayClosed):
        draw(relay, session_id, 0)


async def test_a_relay_is_used_once(service: Service) -> None:
    relay = make_relay(service.address)
    async with relay:
        pass
    with pytest.raises(RelayClosed):
        await relay.__aenter__()


@pytest.mark.parametrize(("streams", "capacity"), [(0, 1), (1, 0)])
def test_a_relay_needs_a_stream_and_room(streams: int, capacity: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_relay("127.0.0.1:1", streams=streams, capacity=capacity)


async def test_whoever_asks_is_told_once_an_event_is_committed(
    service: Service, database: str, session_id: int
) -> None:
    counted: list[int] = []
    async with make_relay(service.address) as relay:
        draw(relay, session_id, 0)
        relay.heartbeat(
            session_id=session_id,
            user_id=STUDENT,
            user_type="student",
            activity_type="draw",
            at=moment(1),
            on_acknowledged=lambda: counted.append(strokes(database)),
        )
        await relay.flushed()
        draw(relay, session_id, 2)
    assert counted == [2]


async def test_a_refusal_is_told_before_the_answer(service: Service, session_id: int) -> None:
    told: list[str] = []
    async with make_relay(service.address, on_rejection=lambda _event, reason, _message: told.append(reason)) as relay:
        relay.connect(
            session_id=session_id, user_id=31_337, user_type="student", on_acknowledged=lambda: told.append("answered")
        )
    assert told == ["NOT_A_PARTICIPANT", "answered"]


async def test_a_relay_that_nobody_answers_is_stalled_until_somebody_does(service: Service, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        await relay.opened()
        assert relay.stalled_for == timedelta(0)
        await service.stop()
        draw(relay, session_id, 0)
        assert relay.stalled_for > timedelta(0)
        await service.start()
        await relay.flushed()
        assert relay.stalled_for == timedelta(0)
