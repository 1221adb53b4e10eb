"""Students who miss lessons in a row, or come less often than they used to, compared with a count in Python."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.app import AttendanceApp
from testkit.grpc_errors import refusal
from tests.integration.attendance.classes import mark
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
    LESSONS,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

LIST, EXPORT = "ListStudentsAtRisk", "ExportStudentsAtRisk"
LAST = date(2026, 3, 29)
SARA, DAWIT, OTHER = 21, 22, 23
#: What is recorded about a lesson, by a letter: present, late, absent, excused, and nothing.
WORDS = {"p": "present", "l": "late", "a": "absent", "e": "absent", "-": None}


async def add(platform: Platform, admin: Client, recorded: str, *, course: int = LESSONS, student: int = SARA) -> None:
    """Add a lesson a week, the last of them on LAST."""
    for weeks, letter in enumerate(reversed(recorded)):
        word = WORDS[letter]
        session_id = platform.add_session(enrolled_courses_id=course, session_date=LAST - timedelta(weeks=weeks))
        if word is not None:
            status = pb.AttendanceStatus.Value(word)
            await admin.mark(session_id, students=[mark(student, status, excused=letter == "e")])


async def at_risk(client: Client, **fields: Any) -> list[pb.StudentAtRisk]:  # noqa: ANN401
    return list((await client.report(LIST, **({"date_to": LAST.isoformat()} | fields))).students)


def is_at_risk(recorded: str) -> tuple[int, bool, bool]:
    """Judge a lesson a week in another way: absences in a row, whether they are too many, whether the rate falls."""
    latest = recorded[-12:]
    counted = [letter for letter in latest if letter in "pla"]
    in_a_row = len(counted) - len("".join(counted).rstrip("a"))
    recent, earlier = ([it for it in part if it in "pla"] for part in (latest[-4:], latest[:-4]))

    def rate(part: list[str]) -> float:
        return sum(it != "a" for it in part) / len(part) * 100

    is_falling = (
        len(recent) >= 4 and len(earlier) >= 4 and recent.count("a") >= 2 and rate(earlier) - rate(recent) >= 20 - 1e-9
    )
    return in_a_row, in_a_row >= 3, is_falling


@pytest.mark.parametrize(
    "recorded",
    [
        "pppppppppaaa",
        "ppppppppppaa",
        "aaa",
        "aae-a",
        "aapaa",
        "aalaa",
        "ppppppppapap",
        "ppppppppppap",
        "apapppppapap",
        "appapappapap",
        "pppppppppapa",
        "ppp-pap",
        "pppp-----aap",
        "aaapppppppppppp",
        "eeeeeeeeeeee",
        "------------",
        *("".join(random.Random(seed).choices("pppplaae-", k=14)) for seed in range(6)),
    ],
)
async def test_students_at_risk_are_those_of_the_rules(
    app: AttendanceApp, admin: Client, tutor: Client, platform: Platform, recorded: str
) -> None:
    await add(platform, admin, recorded)
    in_a_row, is_absent, is_falling = is_at_risk(recorded)
    for _ in range(2):
        for client in (admin, tutor):
            found = [
                (row.student_id, row.absences_in_a_row, row.absent_in_a_row, row.falling_rate)
                for row in await at_risk(client)
            ]
            assert found == ([(SARA, in_a_row, is_absent, is_falling)] if is_absent or is_falling else [])
        # And again of the rosters that are settled.
        await app.settling.settle_all()


async def test_a_row_says_why_and_who_taught_last(admin: Client, platform: Platform) -> None:
    await add(platform, admin, "ppppppppplaaa")
    [row] = await at_risk(admin)
    assert (row.student_name, row.tutor_name, row.last_day) == ("Sara Tesfaye", "Abebe Kebede", "2026-03-29")
    assert (row.recent_lessons, row.recent_attended, row.recent_rate) == (4, 1, 25)
    assert (row.earlier_lessons, row.earlier_attended, row.earlier_rate) == (8, 8, 100)
    assert row.last_session_id == platform.rows("SELECT id FROM sessions WHERE session_date = %s", LAST)[0][0]
    [line] = await admin.exported(EXPORT, date_to=LAST.isoformat())
    assert (line["student_name"], line["absences_in_a_row"], line["falling_rate"]) == ("Sara Tesfaye", "3", "true")


async def test_the_limits_come_with_the_list(admin: Client) -> None:
    answer = await admin.report(LIST, date_to="2026-03-29")
    assert answer.date_to == "2026-03-29"
    assert answer.limits == pb.RiskThresholds(
        absences_in_a_row=3, recent_weeks=4, earlier_weeks=8, drop_points=20, min_lessons=4, min_recent_absences=2
    )


async def test_without_a_day_today_is_the_last(admin: Client, platform: Platform) -> None:
    for days in (1, 2, 3):
        platform.run(
            """INSERT INTO sessions (enrolled_courses_id, session_date, start_time, status, attendance_source,
                                     student_attendance_status)
               VALUES (1, CAST(now() AT TIME ZONE 'Africa/Addis_Ababa' AS date) - CAST(%s AS integer), '10:00',
                       'completed', 'manual', 'absent')""",
            days,
        )
    assert [row.absences_in_a_row for row in (await admin.report(LIST)).students] == [3]


async def test_later_lessons_are_not_looked_at(admin: Client, platform: Platform) -> None:
    await add(platform, admin, "aaapp")
    assert [row.student_id for row in await at_risk(admin, date_to="2026-03-15")] == [SARA]


@pytest.mark.parametrize("date_to", ["0001-01-01", "9999-12-31"])
async def test_the_ends_of_the_calendar_are_days_as_others(admin: Client, date_to: str) -> None:
    assert await at_risk(admin, date_to=date_to) == []


async def test_each_student_of_a_class_counts_alone(admin: Client, platform: Platform) -> None:
    for weeks in range(3):
        session_id = platform.add_session(enrolled_courses_id=CLASS, session_date=LAST - timedelta(weeks=weeks))
        await admin.mark(session_id, students=[mark(DAWIT, pb.absent), mark(SARA, pb.present)])
    assert [row.student_id for row in await at_risk(admin)] == [DAWIT]


async def test_a_tutor_judges_by_their_own_lessons_alone(
    admin: Client, tutor: Client, channel: aio.Channel, platform: Platform
) -> None:
    platform.run("UPDATE enrolled_courses SET students_id = '{21}' WHERE id = 3")
    await add(platform, admin, "pppp")
    platform.run("UPDATE sessions SET start_time = '08:00'")
    await add(platform, admin, "aaa", course=OTHERS)
    assert await at_risk(tutor) == []
    assert [row.absences_in_a_row for row in await at_risk(Client(channel, OTHER_TUTOR, "tutor"))] == [3]
    # Of all lessons, in their order: absent, present, absent, present and absent again.
    assert [row.absences_in_a_row for row in await at_risk(admin)] == []


async def test_a_page_is_sorted_and_pages_follow_the_profiles(admin: Client, platform: Platform) -> None:
    await add(platform, admin, "paaa")
    await add(platform, admin, "aaaaa", course=OTHERS, student=OTHER)
    assert [row.student_id for row in await at_risk(admin)] == [OTHER, SARA]
    pages = await admin.pages(LIST, page_size=1, date_to=LAST.isoformat())
    assert [[row.student_id for row in page.students] for page in pages] == [[SARA], [OTHER]]
    lines = await admin.exported(EXPORT, date_to=LAST.isoformat())
    assert [line["student_id"] for line in lines] == ["23", "21"]


@pytest.mark.parametrize("method", [LIST, EXPORT])
@pytest.mark.parametrize(("user", "role"), [(STUDENT, "student"), (PARENT, "parent")])
async def test_students_and_parents_are_refused(channel: aio.Channel, method: str, user: int, role: str) -> None:
    refused = await refusal(Client(channel, user, role).report(method))
    assert refused == (StatusCode.PERMISSION_DENIED, "NOT_YOUR_REPORT")


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (LIST, {"date_to": "29.03.2026"}),
        (LIST, {"page_size": 201}),
        (LIST, {"page_token": "x"}),
        (EXPORT, {"separator": "|"}),
    ],
)
async def test_an_invalid_request_is_refused(channel: aio.Channel, method: str, fields: dict[str, Any]) -> None:
    refused = await refusal(Client(channel, TUTOR, "tutor").report(method, **fields))
    assert refused == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
