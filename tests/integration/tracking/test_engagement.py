"""ListTutorEngagement: averages per tutor, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode
from sqlalchemy import text

from astegni.tracking.v1 import tracking_pb2 as pb
from astegni.tracking.v1 import tracking_pb2_grpc
from servicekit.database.engine import Database
from testkit.citus import needs_one_postgresql
from testkit.grpc_errors import refusal
from testkit.postgres import execute
from testkit.tokens import metadata
from testkit.whiteboard_sessions import STUDENT, TUTOR
from tracking_service.store.engagement import ENGAGEMENT
from tracking_service.store.sql import FIND_ROWS_BY_KEY, find_rows_by_key

OTHER_TUTOR = 102
#: Enough of them for a full scan to cost more than an index: 500 tutors.
_TUTORS, _SESSIONS_OF_TUTOR = 500, 40
Query = Callable[..., Awaitable[list[pb.TutorEngagement]]]


def add_completed(url: str, **columns: object) -> None:
    """Insert a whiteboard session of an hour."""
    values = {
        "tutor_id": TUTOR,
        "scheduled_start": "2026-03-02 07:00Z",
        "scheduled_end": "2026-03-02 08:00Z",
        "status": "completed",
        "tutor_total_active_seconds": 3600,
        "student_total_active_seconds": 1800,
    } | columns
    literals = ", ".join("NULL" if value is None else f"'{value}'" for value in values.values())
    execute(url, f"INSERT INTO whiteboard_sessions ({', '.join(values)}) VALUES ({literals})")  # noqa: S608


@pytest.fixture
def engagement(facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub, relay_token: str) -> Query:
    async def query(**fields: Any) -> list[pb.TutorEngagement]:  # noqa: ANN401
        request = pb.ListTutorEngagementRequest(**fields)
        return list((await facts.ListTutorEngagement(request, metadata=metadata(relay_token))).tutors)

    return query


@pytest.fixture
def many_sessions(database: str) -> Iterator[Database]:
    """Return a database of many tutors, with the connections that the service has."""
    execute(
        database,
        "INSERT INTO whiteboard_sessions (tutor_id, scheduled_start, status) "  # noqa: S608 - our numbers
        "SELECT tutor, timestamptz '2026-03-02 07:00Z' - lesson * interval '1 day', 'completed' "
        f"FROM generate_series(1, {_SESSIONS_OF_TUTOR}) AS lesson, generate_series(1, {_TUTORS}) AS tutor",
        "ANALYZE whiteboard_sessions",
    )
    store = Database(database, role="tracking_service", application="test", pool_size=1)
    yield store
    store.dispose()


def timestamp(day: int, hour: int) -> Timestamp:
    converted = Timestamp()
    converted.FromDatetime(datetime(2026, 3, day, hour, tzinfo=UTC))
    return converted


async def test_averages_are_rounded_to_one_decimal_as_postgresql_does(engagement: Query, database: str) -> None:
    for tutor_seconds, student_seconds in ((3600, 2001), (3501, 1000), (10, 7)):
        add_completed(database, tutor_total_active_seconds=tutor_seconds, student_total_active_seconds=student_seconds)
    assert await engagement() == [
        pb.TutorEngagement(
            tutor_user_id=TUTOR,
            whiteboard_session_count=3,
            average_tutor_active_minutes=39.5,
            average_student_active_minutes=16.7,
            average_student_engagement_percentage=27.9,
        )
    ]


#: Presence of one role, in minutes since 07:00: intervals, what the columns say about the first connect, the last
#: disconnect and the total, and how much of it lies between 07:00 and 08:00.
_PRESENCE: dict[str, tuple[list[tuple[float, float]], float | None, float | None, float, float]] = {
    "inside": ([(10, 40)], 10, 40, 30, 30),
    "stayed on": ([(10, 140)], 10, 140, 130, 50),
    "came again later": ([(0, 60), (100, 220)], 0, 220, 180, 60),
    "came early": ([(-20, 30)], -20, 30, 50, 30),
    "two devices": ([(0, 30), (20, 50), (55, 90)], 0, 90, 85, 55),
    "another time": ([(60, 120)], 60, 120, 60, 0),
    "at once": ([(30, 30)], 30, 30, 0, 0),
    "never": ([], None, None, 0, 0),
    "only in the columns": ([], 10, 40, 20, 20),
    "only in the columns, stayed on": ([], 10, 140, 130, 50),
    "only in the columns, another time": ([], 80, 140, 60, 0),
    "only in the columns, without times": ([], None, None, 90, 60),
    "partly before there were intervals": ([(30, 50)], -10, 50, 35, 35),
    "mostly before there were intervals": ([(10, 50)], -10, 50, 60, 50),
}


def at(minutes: float) -> str:
    """Return a time as a literal."""
    return (datetime(2026, 3, 2, 7, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()


def add_presence(url: str, session_id: int, user: int, role: str, intervals: Iterable[tuple[float, float]]) -> None:
    """Insert presence intervals, in minutes since 07:00."""
    for start, end in intervals:
        execute(
            url,
            "INSERT INTO presence_intervals "  # noqa: S608
            "(whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason) "
            f"VALUES ({session_id}, {user}, '{role}', '{at(start)}', '{at(end)}', '{at(end)}', 'closed')",
        )


@pytest.mark.parametrize("presence", _PRESENCE.values(), ids=_PRESENCE)
@pytest.mark.parametrize("role", ["tutor", "student"])
async def test_only_presence_in_the_scheduled_time_counts(
    engagement: Query, database: str, role: str, presence: tuple[list[tuple[float, float]], Any, Any, float, float]
) -> None:
    intervals, connected, disconnected, total, expected = presence
    add_completed(
        database,
        id=7,
        student_id=f"{{{STUDENT}}}",
        **{
            f"{role}_connected_at": None if connected is None else at(connected),
            f"{role}_disconnected_at": None if disconnected is None else at(disconnected),
            f"{role}_total_active_seconds": int(total * 60),
        },
    )
    # Intervals of one participant don't overlap: others are those of another user.
    for number, interval in enumerate(intervals):
        add_presence(database, 7, (TUTOR if role == "tutor" else STUDENT) + number, role, [interval])
    [found] = await engagement()
    assert getattr(found, f"average_{role}_active_minutes") == expected
    if role == "student":
        assert found.average_student_engagement_percentage == pytest.approx(expected / 60 * 100, abs=0.05)


@pytest.mark.parametrize("presence", _PRESENCE.values(), ids=_PRESENCE)
async def test_metrics_count_the_students_presence_in_the_window_in_the_same_way(
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub,
    relay_token: str,
    database: str,
    presence: tuple[list[tuple[float, float]], Any, Any, float, float],
) -> None:
    intervals, connected, disconnected, total, expected = presence
    add_completed(
        database,
        id=7,
        student_id=f"{{{STUDENT}}}",
        student_connected_at=None if connected is None else at(connected),
        student_disconnected_at=None if disconnected is None else at(disconnected),
        student_total_active_seconds=int(total * 60),
    )
    for number, interval in enumerate(intervals):
        add_presence(database, 7, STUDENT + number, "student", [interval])
    request = pb.GetConnectionMetricsRequest(session_id=7)
    answer = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert answer.student_active_seconds == expected * 60


async def test_a_session_without_a_schedule_can_be_measured_in_total(
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub, relay_token: str, database: str
) -> None:
    add_completed(database, id=7, scheduled_start=None, scheduled_end=None)
    request = pb.GetConnectionMetricsRequest(session_id=7)
    refused = await refusal(facts.GetConnectionMetrics(request, metadata=metadata(relay_token)))
    assert refused == (StatusCode.FAILED_PRECONDITION, "NO_SCHEDULE")
    request.allow_no_schedule = True
    answer = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert answer.window_start == answer.window_end
    assert (answer.student_active_seconds, answer.student_total_active_seconds) == (0, 1800)


async def test_only_completed_sessions_count(engagement: Query, database: str) -> None:
    for status in ("completed", " Completed", "scheduled", None):
        add_completed(database, status=status)
    [tutor] = await engagement()
    assert tutor.whiteboard_session_count == 2


async def test_tutors_are_chosen_by_their_users_ids(engagement: Query, database: str) -> None:
    for tutor in (TUTOR, OTHER_TUTOR):
        add_completed(database, tutor_id=tutor)
    assert [found.tutor_user_id for found in await engagement(tutor_user_ids=[OTHER_TUTOR])] == [OTHER_TUTOR]


@pytest.fixture
def three_tutors(database: str) -> None:
    """Of the ids 10, 20 and 30; of 15 and 25 nothing was completed."""
    for tutor, status in ((30, "completed"), (25, "missed"), (10, "completed"), (15, "scheduled"), (20, "completed")):
        add_completed(database, tutor_id=tutor, status=status)


@pytest.mark.usefixtures("three_tutors")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [10, 20, 30]),
        ({"page_size": 2}, [10, 20]),
        ({"page_size": 2, "after_tutor_user_id": 20}, [30]),
        ({"page_size": 2, "after_tutor_user_id": 30}, []),
        ({"page_size": 1, "after_tutor_user_id": 12}, [20]),
        ({"page_size": 1, "tutor_user_ids": [30, 20]}, [20]),
        ({"page_size": 1, "after_tutor_user_id": 10, "tutor_user_ids": [30, 10]}, [30]),
    ],
)
async def test_pages_follow_the_ids_of_tutors_with_a_completed_session(
    engagement: Query, fields: dict[str, Any], expected: list[int]
) -> None:
    assert [found.tutor_user_id for found in await engagement(**fields)] == expected


async def test_a_page_skips_tutors_without_a_session_in_its_days(engagement: Query, database: str) -> None:
    for tutor, day in ((10, 1), (20, 2), (30, 3)):
        add_completed(database, tutor_id=tutor, scheduled_start=f"2026-03-0{day} 07:00Z")
    found = await engagement(page_size=1, scheduled_from=timestamp(2, 0), scheduled_before=timestamp(4, 0))
    assert [tutor.tutor_user_id for tutor in found] == [20]


async def test_sessions_are_chosen_by_their_scheduled_start_the_end_excluded(engagement: Query, database: str) -> None:
    for hour in (6, 7, 8, 9):
        add_completed(database, scheduled_start=f"2026-03-02 0{hour}:00Z", scheduled_end="2026-03-02 10:00Z")
    [tutor] = await engagement(scheduled_from=timestamp(2, 7), scheduled_before=timestamp(2, 9))
    assert tutor.whiteboard_session_count == 2


@pytest.mark.parametrize("end", ["2026-03-02 07:00Z", "2026-03-02 06:00Z", None])
async def test_without_a_scheduled_duration_there_is_no_percentage(
    engagement: Query,
    database: str,
    end: str | None,
) -> None:
    add_completed(database, scheduled_end=end)
    [tutor] = await engagement()
    assert tutor.average_student_active_minutes == 30.0
    assert not tutor.HasField("average_student_engagement_percentage")


async def test_what_was_never_recorded_is_left_out_of_the_averages(engagement: Query, database: str) -> None:
    for seconds in (1800, None):
        add_completed(database, student_total_active_seconds=seconds)
    [tutor] = await engagement()
    assert (tutor.whiteboard_session_count, tutor.average_student_active_minutes) == (2, 30.0)


async def test_only_services_may_call_it(
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub, tutor_token: str
) -> None:
    call = facts.ListTutorEngagement(pb.ListTutorEngagementRequest(), metadata=metadata(tutor_token))
    assert await refusal(call) == (StatusCode.PERMISSION_DENIED, "ROLE_MISSING")


@pytest.mark.parametrize(
    "fields",
    [
        {"tutor_user_ids": [0]},
        {"tutor_user_ids": range(1, 502)},
        {"scheduled_from": Timestamp(seconds=-(10**15))},
        {"page_size": 501},
        {"page_size": -1},
        {"after_tutor_user_id": -1},
    ],
    ids=["id", "too many", "time", "large page", "negative page", "after"],
)
async def test_an_invalid_request_is_refused(engagement: Query, fields: dict[str, Any]) -> None:
    assert await refusal(engagement(**fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_metrics_contain_the_documented_total_of_the_students(
    facts: tracking_pb2_grpc.PresenceQueryServiceAsyncStub, relay_token: str, database: str, session_id: int
) -> None:
    execute(database, "UPDATE whiteboard_sessions SET student_total_active_seconds = 1234")
    request = pb.GetConnectionMetricsRequest(
        session_id=session_id, window_start=timestamp(2, 7), window_end=timestamp(2, 8)
    )
    answer = await facts.GetConnectionMetrics(request, metadata=metadata(relay_token))
    assert answer.student_total_active_seconds == 1234


@needs_one_postgresql
@pytest.mark.parametrize(
    ("asked", "after", "since", "read"),
    [
        (None, 0, None, 10 * (_SESSIONS_OF_TUTOR + 1)),
        (None, 250, None, 10 * (_SESSIONS_OF_TUTOR + 1)),
        ("{7}", 0, None, _SESSIONS_OF_TUTOR + 1),
        (None, 0, "2026-03-01 00:00Z", 10 * (1 + 1)),
        (None, 0, "2026-03-02 00:00Z", 0),
    ],
    ids=["first page", "later page", "one tutor", "the last day", "a day without sessions"],
)
def test_a_page_reads_the_sessions_on_it_and_one_more_of_each_tutor_to_find_them(
    many_sessions: Database, asked: str | None, after: int, since: str | None, read: int
) -> None:
    parameters = {
        "tutor_ids": asked,
        "scheduled_from": since,
        "scheduled_before": None,
        "after": after,
        "page_size": 10,
    }
    statement = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {ENGAGEMENT.text}")
    with many_sessions.transaction() as connection:
        find_rows_by_key(connection)
        [plan] = connection.execute(statement, parameters).scalar_one()
    assert sum(rows_read(plan["Plan"])) == read


def test_the_planner_is_limited_only_in_transactions_that_find_rows_by_key(many_sessions: Database) -> None:
    methods = text("SELECT DISTINCT setting FROM pg_settings WHERE name = ANY (:names)")
    names = {"names": list(FIND_ROWS_BY_KEY)}
    with many_sessions.transaction() as connection:
        find_rows_by_key(connection)
        assert connection.execute(methods, names).scalars().all() == ["off"]
    with many_sessions.transaction() as connection:
        assert connection.execute(methods, names).scalars().all() == ["on"]


def rows_read(node: dict[str, Any]) -> Iterator[int]:
    """Yield how many whiteboard sessions each part of a plan reads."""
    if node.get("Relation Name") == "whiteboard_sessions":
        yield (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from rows_read(child)
