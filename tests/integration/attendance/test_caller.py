from __future__ import annotations

import pytest
from grpc import aio

from astegni.attendance.v1 import attendance_pb2 as pb
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, STUDENT, TUTOR


async def test_a_caller_is_known_by_name(tutor: Client, student: Client, admin: Client) -> None:
    callers = [await one.report("GetCaller") for one in (tutor, student, admin)]
    assert [(it.user_id, it.role, it.name, it.is_known) for it in callers] == [
        (TUTOR, "tutor", "Abebe Kebede", True),
        (STUDENT, "student", "Sara Tesfaye", True),
        (ADMIN, "admin", "Ada Admin", True),
    ]


@pytest.mark.usefixtures("platform")
async def test_a_token_of_a_user_who_does_not_exist_is_told_so(channel: aio.Channel) -> None:
    stranger = Client(channel, user=4711, role="admin")
    assert await stranger.report("GetCaller") == pb.Caller(user_id=4711, role="admin", is_known=False)
