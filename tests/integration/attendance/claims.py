"""Lessons that are not long ago, and claims about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from astegni.attendance.v1 import attendance_pb2 as pb
from tests.integration.attendance.client import Client

#: Of the session time zone.
_UTC_OFFSET = timedelta(hours=3)


def days_ago(days: float) -> dict[str, str]:
    """Return the schedule of a session of an hour that ended so long ago."""
    end = datetime.now(UTC) + _UTC_OFFSET - timedelta(days=days)
    start = end - timedelta(hours=1)
    return {
        "session_date": start.date().isoformat(),
        "start_time": start.time().isoformat(),
        "end_time": end.time().isoformat(),
    }


async def claim(caller: Client, session_id: int, status: Any = pb.present, **fields: Any) -> pb.Claim:  # noqa: ANN401 - a value of AttendanceStatus
    request = {"note": "I was there"} | fields
    raised: pb.Claim = await caller.report("RaiseClaim", session_id=session_id, claimed_status=status, **request)
    return raised


async def claims(caller: Client, **filters: Any) -> list[pb.Claim]:  # noqa: ANN401
    return list((await caller.report("ListClaims", **filters)).claims)


async def answer(caller: Client, claim_id: int, how: Any, note: str = "") -> pb.AnswerClaimResponse:  # noqa: ANN401 - a value of ClaimAnswer
    response: pb.AnswerClaimResponse = await caller.report("AnswerClaim", claim_id=claim_id, answer=how, note=note)
    return response
