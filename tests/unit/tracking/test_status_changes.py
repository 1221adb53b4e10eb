"""DESIGN 5.4: who is connected now, judged by facts and clock, and what of it is news to a watcher."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servicekit.clock import Instant, seconds
from tracking_service.domain.status import RoleFacts, RoleStatus, Status, judge

TIMEOUT = seconds(75)
NOON = Instant(seconds(1_000_000))
NEVER_CAME = RoleFacts(
    connected_at=None,
    disconnected_at=None,
    last_activity_at=None,
    total_active_seconds=0,
    present_until=None,
    alive_at=None,
)
ABSENT = judge(NEVER_CAME, NOON, TIMEOUT)


def after(duration: float) -> Instant:
    return Instant(NOON + seconds(duration))


def came(*, last_sign: float = 0) -> RoleFacts:
    """Somebody who connected at noon and gave the last sign of life some seconds later."""
    return RoleFacts(
        connected_at=NOON,
        disconnected_at=None,
        last_activity_at=after(last_sign),
        total_active_seconds=int(last_sign),
        present_until=after(last_sign),
        alive_at=after(last_sign),
    )


def left(*, at: float) -> RoleFacts:
    return replace(came(last_sign=at), disconnected_at=after(at), alive_at=None)


def judged(facts: RoleFacts, at: float) -> RoleStatus:
    return judge(facts, after(at), TIMEOUT)


def status(student: RoleStatus, tutor: RoleStatus = ABSENT) -> Status:
    return Status(as_of=NOON, tutor=tutor, student=student)


def test_silence_up_to_the_timeout_is_still_connected() -> None:
    assert judged(came(last_sign=15), 90).connected


def test_a_longer_silence_is_told_before_any_sweep_has_recorded_it() -> None:
    silent = judged(came(last_sign=15), 90.1)
    assert (silent.connected, silent.disconnected_at) == (False, after(15))


def test_nobody_is_connected_who_never_came() -> None:
    assert not ABSENT.connected


def test_what_columns_tell_from_before_there_were_intervals_stands() -> None:
    adopted = replace(NEVER_CAME, connected_at=NOON, disconnected_at=after(600))
    assert judged(adopted, 900).disconnected_at == after(600)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(ABSENT, judged(came(), 1), id="somebody comes"),
        pytest.param(judged(came(), 1), judged(left(at=5), 6), id="somebody leaves"),
        pytest.param(judged(came(), 1), judged(came(), 76), id="somebody is silent for too long"),
        pytest.param(judged(came(), 76), judged(came(last_sign=80), 81), id="somebody comes back"),
        pytest.param(judged(left(at=5), 6), judged(left(at=9), 10), id="somebody came back and left unseen"),
    ],
)
def test_it_is_news_that(before: RoleStatus, now: RoleStatus) -> None:
    assert status(student=now).differs(status(student=before))


def test_it_is_news_whichever_role_it_concerns() -> None:
    assert status(ABSENT, tutor=judged(came(), 1)).differs(status(ABSENT))


def test_that_somebody_is_still_there_is_no_news() -> None:
    assert not status(judged(came(last_sign=15), 16)).differs(status(judged(came(), 1)))


def test_the_duration_is_from_the_first_connect_of_anybody_to_the_last_event_of_anybody() -> None:
    assert status(judged(left(at=60), 61), tutor=judged(came(last_sign=90), 91)).duration_seconds == 90


def test_where_nobody_came_nothing_lasted() -> None:
    assert status(ABSENT).duration_seconds == 0
