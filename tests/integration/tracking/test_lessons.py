"""Whole lessons, delivered by a relay: the facts that the replaced system got wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from grpc import StatusCode, aio

from astegni.tracking.v1 import tracking_pb2 as pb
from testkit.grpc_errors import refusal
from testkit.heartbeat_client import HeartbeatStream, event
from testkit.postgres import execute
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session, columns, intervals

if TYPE_CHECKING:
    from astegni.tracking.v1.tracking_pb2_grpc import PresenceQueryServiceAsyncStub as Facts
    from astegni.tracking.v1.tracking_pb2_grpc import TrackingServiceAsyncStub as Tracking

LESSON_MINUTES = 60
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)

#: (kind, minute, connection id)
Delivered = tuple[str, float, str]
Deliver = Callable[[int, Iterable[Delivered]], Awaitable[None]]

CLASSMATE = 202


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def heartbeats(first: float, last: float, connection_id: str = "") -> list[Delivered]:
    """A heartbeat every 15 s."""
    return [("heartbeat", first + number / 4, connection_id) for number in range(int((last - first) * 4) + 1)]


@pytest.fixture
def deliver(channel: aio.Channel, relay_token: str) -> Deliver:
    """Stream a student's history and wait for the ack."""

    async def deliver_events(session_id: int, history: Iterable[Delivered]) -> None:
        stream = HeartbeatStream(channel, relay_token)
        await stream.open()
        events = [
            event(number, kind, session_id, STUDENT, at=minute(at), connection_id=connection_id)
            for number, (kind, at, connection_id) in enumerate(history, start=1)
        ]
        await stream.send_batch(events)
        await stream.acknowledged(len(events))
        await stream.half_close()
        assert await stream.end() == StatusCode.OK

    return deliver_events


@pytest.fixture
def measured(facts: Facts, relay_token: str) -> Callable[[int], Awaitable[pb.ParticipantMetrics]]:
    """Measure the student against the lesson."""

    async def measure(session_id: int) -> pb.ParticipantMetrics:
        request = pb.GetConnectionMetricsRequest(session_id=session_id)
        request.window_start.FromDatetime(minute(0))
        request.window_end.FromDatetime(minute(LESSON_MINUTES))
        response = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
        (student,) = [one for one in response.participants if one.user_id == STUDENT]
        return student

    return measure


Measured = Callable[[int], Awaitable[pb.ParticipantMetrics]]


async def test_a_reconnect_at_minute_30_stays_punctual(deliver: Deliver, measured: Measured, session_id: int) -> None:
    first = [("connect", 0.0, ""), *heartbeats(0, 28), ("disconnect", 28.0, "")]
    second = [("connect", 30.0, ""), *heartbeats(30, 60), ("disconnect", 60.0, "")]
    await deliver(session_id, [*first, *second])
    student = await measured(session_id)
    assert student.first_connected_at.ToDatetime(tzinfo=UTC) == minute(0)
    assert (student.active_seconds, student.reconnect_count) == (58 * 60, 1)


async def test_the_example_of_the_documentation_has_57_minutes_and_one_reconnect(
    deliver: Deliver, measured: Measured, session_id: int
) -> None:
    """docs/presence.md#example."""
    reload_ended = 40 + 8 / 60
    lost = [("connect", -2.0, ""), *heartbeats(-2, 27)]
    reloaded = [("connect", 30.0, ""), *heartbeats(30, 40), ("disconnect", 40 + 5 / 60, "")]
    to_the_end = [("connect", reload_ended, ""), *heartbeats(reload_ended, 60), ("disconnect", 60 + 10 / 60, "")]
    await deliver(session_id, [*lost, *reloaded, *to_the_end])
    student = await measured(session_id)
    assert [
        (interval.started_at.ToDatetime(tzinfo=UTC), interval.ended_at.ToDatetime(tzinfo=UTC), interval.end_reason)
        for interval in student.intervals
    ] == [(minute(-2), minute(27), pb.timed_out), (minute(30), minute(60 + 10 / 60), pb.closed)]
    assert (student.active_seconds, student.reconnect_count) == (57 * 60, 1)


async def test_a_closed_lid_at_minute_55_leaves_55_minutes(
    deliver: Deliver, measured: Measured, session_id: int
) -> None:
    await deliver(session_id, [("connect", 0.0, ""), *heartbeats(0, 55)])
    assert (await measured(session_id)).active_seconds == 55 * 60


async def test_two_tabs_count_once(deliver: Deliver, measured: Measured, session_id: int) -> None:
    laptop = [("connect", 0.0, "laptop"), *heartbeats(0, 40, "laptop"), ("disconnect", 40.0, "laptop")]
    phone = [("connect", 20.0, "phone"), *heartbeats(20, 60, "phone"), ("disconnect", 60.0, "phone")]
    await deliver(session_id, [*laptop, *phone])
    student = await measured(session_id)
    assert (student.active_seconds, student.reconnect_count) == (60 * 60, 0)


async def test_a_student_who_came_early_and_left_before_the_start_counts_from_the_return(
    deliver: Deliver, measured: Measured, session_id: int
) -> None:
    await deliver(session_id, [*heartbeats(-10, -5), *heartbeats(20, 60)])
    student = await measured(session_id)
    assert student.first_connected_at.ToDatetime(tzinfo=UTC) == minute(-10)
    assert [interval.started_at.ToDatetime(tzinfo=UTC) for interval in student.intervals] == [minute(20)]


async def test_history_in_two_streams_and_the_wrong_order_gives_the_same_facts(
    deliver: Deliver, database: str, session_id: int
) -> None:
    await deliver(session_id, heartbeats(30, 60))
    await deliver(session_id, [("connect", 0.0, ""), *heartbeats(0, 30)])
    assert intervals(database, session_id) == [(STUDENT, 3600.0, "timed_out")]


async def test_the_documented_columns_follow_the_facts(deliver: Deliver, database: str, session_id: int) -> None:
    await deliver(session_id, [("connect", 0.0, ""), *heartbeats(0, 55), ("disconnect", 55.0, "")])
    names = ("connected_at", "disconnected_at", "last_activity_at", "total_active_seconds")
    stored = columns(database, session_id, *(f"student_{name}" for name in names))
    assert stored == (minute(0), minute(55), minute(55), 55 * 60)


async def test_the_log_has_connects_disconnects_and_silences_at_their_own_times(
    deliver: Deliver, database: str, session_id: int
) -> None:
    await deliver(
        session_id, [("connect", 0.0, ""), *heartbeats(0, 10), ("connect", 20.0, ""), ("disconnect", 21.0, "")]
    )
    (logs,) = columns(database, session_id, "connection_logs")
    logged = [(entry["event"], entry.get("reason"), datetime.fromisoformat(entry["timestamp"])) for entry in logs]
    assert logged == [
        ("connect", None, minute(0)),
        ("disconnect", "timed_out", minute(10)),
        ("connect", None, minute(20)),
        ("disconnect", "closed", minute(21)),
    ]


async def test_in_a_group_class_the_student_columns_are_the_union(
    channel: aio.Channel, relay_token: str, database: str
) -> None:
    session_id = add_whiteboard_session(database, students=[201, 202, 203])
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    delivered = [(201, 0), (201, 1), (201, 2), (202, 1), (202, 2), (202, 3), (203, 10), (203, 11)]
    await stream.send_batch(
        event(number, "heartbeat", session_id, user, at=minute(at))
        for number, (user, at) in enumerate(delivered, start=1)
    )
    await stream.acknowledged(len(delivered))
    stored = columns(
        database, session_id, "student_connected_at", "student_last_activity_at", "student_total_active_seconds"
    )
    assert stored == (minute(0), minute(11), 4 * 60)


async def test_columns_of_an_adopted_session_are_not_taken_back(
    deliver: Deliver, database: str, session_id: int
) -> None:
    execute(
        database,
        f"""UPDATE whiteboard_sessions SET student_connected_at = '{minute(-30)}', student_total_active_seconds = 9000,
            connection_logs = NULL WHERE id = {session_id}""",  # noqa: S608
    )
    await deliver(session_id, [("connect", 0.0, ""), *heartbeats(0, 10)])
    stored = columns(database, session_id, "student_connected_at", "student_total_active_seconds")
    assert stored == (minute(-30), 9000)


async def test_nothing_is_claimed_about_a_session_from_before_intervals_were_kept(
    measured: Measured, database: str, session_id: int
) -> None:
    execute(database, f"UPDATE whiteboard_sessions SET student_connected_at = '{minute(0)}' WHERE id = {session_id}")  # noqa: S608
    [unknown] = (await measured(session_id)).unknown
    assert unknown.started_at.ToDatetime(tzinfo=UTC) == minute(0)
    assert unknown.ended_at.ToDatetime(tzinfo=UTC) == minute(LESSON_MINUTES)


async def test_all_enrolled_are_measured_even_if_they_never_came(
    facts: Facts, relay_token: str, session_id: int
) -> None:
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(minute(0))
    request.window_end.FromDatetime(minute(60))
    response = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert [(one.user_id, one.active_seconds) for one in response.participants] == [(TUTOR, 0), (STUDENT, 0)]


async def test_interactions_are_counted_by_minute_and_in_a_batch_in_total(
    channel: aio.Channel, facts: Facts, relay_token: str, session_id: int
) -> None:
    stream = HeartbeatStream(channel, relay_token)
    await stream.open()
    strokes = [
        event(number, "heartbeat", session_id, STUDENT, at=minute(at), activity_type="draw")
        for number, at in enumerate([0, 0.25, 2.5], start=1)
    ]
    await stream.send_batch(strokes)
    await stream.acknowledged(len(strokes))
    request = pb.GetConnectionMetricsRequest(session_id=session_id)
    request.window_start.FromDatetime(minute(0))
    request.window_end.FromDatetime(minute(3))
    alone = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    batch = pb.BatchGetConnectionMetricsRequest(requests=[request])
    [among_many] = (await facts.BatchGetConnectionMetrics(batch, metadata=metadata(relay_token))).metrics
    by_minute = [[list(one.interactions_per_minute) for one in answer.participants] for answer in (alone, among_many)]
    assert by_minute == [[[], [2, 0, 1]], [[], []]]
    assert [one.interaction_count for one in among_many.participants] == [0, 3]


async def test_facts_are_for_services_only(facts: Facts, student_token: str, session_id: int) -> None:
    call = facts.GetConnectionMetrics(
        pb.GetConnectionMetricsRequest(session_id=session_id), metadata=metadata(student_token)
    )
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ROLE_MISSING")


async def test_a_batch_names_the_sessions_that_do_not_exist(facts: Facts, relay_token: str, session_id: int) -> None:
    requests = [pb.GetConnectionMetricsRequest(session_id=number) for number in (session_id, 424_242)]
    for request in requests:
        request.window_start.FromDatetime(minute(0))
        request.window_end.FromDatetime(minute(60))
    response = await facts.BatchGetConnectionMetrics(
        pb.BatchGetConnectionMetricsRequest(requests=requests), metadata=metadata(relay_token)
    )
    assert [one.session_id for one in response.metrics] == [session_id]
    assert list(response.unknown_session_ids) == [424_242]


async def test_the_status_says_who_is_connected_and_orders_the_log(
    tracking: Tracking, deliver: Deliver, session_id: int, tutor_token: str
) -> None:
    await tracking.Connect(pb.ConnectRequest(session_id=session_id, user_type=pb.tutor), metadata=metadata(tutor_token))
    await deliver(session_id, [("connect", 0.0, ""), *heartbeats(0, 10)])
    status = await tracking.GetConnectionStatus(
        pb.GetConnectionStatusRequest(session_id=session_id), metadata=metadata(tutor_token)
    )
    assert (status.tutor_connected, status.student_connected) == (True, False)
    assert status.student_disconnected_at.ToDatetime(tzinfo=UTC) == minute(10)
    assert [entry.event for entry in status.connection_logs] == ["connect", "disconnect", "connect"]


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (token(TUTOR, "tutor"), ({TUTOR, STUDENT, CLASSMATE}, {TUTOR, STUDENT})),
        (token(1, "admin"), ({TUTOR, STUDENT, CLASSMATE}, {TUTOR, STUDENT})),
        (token(STUDENT, "student"), ({STUDENT}, {TUTOR, STUDENT})),
    ],
    ids=["tutor", "admin", "student"],
)
async def test_a_student_of_a_class_sees_only_their_own_entries_in_the_log(
    tracking: Tracking, database: str, relay_token: str, viewer: str, seen: tuple[set[int], set[int]]
) -> None:
    for students, visible in zip(([STUDENT, CLASSMATE], [STUDENT]), seen, strict=True):
        session_id = add_whiteboard_session(database, students=students)
        for user_id, user_type in ((TUTOR, pb.tutor), *((student, pb.student) for student in students)):
            request = pb.ConnectRequest(session_id=session_id, user_type=user_type, user_id=user_id)
            await tracking.Connect(request, metadata=metadata(relay_token))
        status = await tracking.GetConnectionStatus(
            pb.GetConnectionStatusRequest(session_id=session_id), metadata=metadata(viewer)
        )
        assert {entry.user_id for entry in status.connection_logs} == visible


async def test_the_status_is_not_for_strangers(tracking: Tracking, database: str, student_token: str) -> None:
    other = add_whiteboard_session(database, students=[555])
    call = tracking.GetConnectionStatus(
        pb.GetConnectionStatusRequest(session_id=other), metadata=metadata(student_token)
    )
    assert await refusal(call) == (StatusCode.NOT_FOUND, "WHITEBOARD_SESSION_NOT_FOUND")
