"""Who is connected now, by facts and clock, and which changes a watcher gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from servicekit.clock import Instant, seconds
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.status import (
    ParticipantFacts,
    ParticipantStatus,
    RoleFacts,
    RoleStatus,
    Status,
    participant_status,
    role_status,
)

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
STUDENT = Participant(WhiteboardSessionId(5), UserId(201), UserType.STUDENT)
ABSENT = role_status(NEVER_CAME, NOON, TIMEOUT)


def after(duration: float) -> Instant:
    return Instant(NOON + seconds(duration))


def came(*, last_sign: float = 0) -> RoleFacts:
    """A participant who connected at noon and gave the last sign of life some seconds later."""
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


def status_at(facts: RoleFacts, at: float) -> RoleStatus:
    return role_status(facts, after(at), TIMEOUT)


def status(student: RoleStatus, tutor: RoleStatus = ABSENT) -> Status:
    return Status(as_of=NOON, tutor=tutor, student=student)


def test_silence_up_to_the_timeout_is_still_connected() -> None:
    assert status_at(came(last_sign=15), 90).connected


def test_a_longer_silence_shows_before_any_sweep_has_recorded_it() -> None:
    silent = status_at(came(last_sign=15), 90.1)
    assert (silent.connected, silent.disconnected_at) == (False, after(15))


def test_a_participant_who_never_came_is_not_connected() -> None:
    assert not ABSENT.connected


def test_columns_from_before_there_were_intervals_are_kept() -> None:
    adopted = replace(NEVER_CAME, connected_at=NOON, disconnected_at=after(600))
    assert status_at(adopted, 900).disconnected_at == after(600)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(ABSENT, status_at(came(), 1), id="a participant comes"),
        pytest.param(status_at(came(), 1), status_at(left(at=5), 6), id="a participant leaves"),
        pytest.param(status_at(came(), 1), status_at(came(), 76), id="a participant is silent for too long"),
        pytest.param(status_at(came(), 76), status_at(came(last_sign=80), 81), id="a participant comes back"),
        pytest.param(status_at(left(at=5), 6), status_at(left(at=9), 10), id="a participant came back and left"),
    ],
)
def test_a_changed_connection_is_a_change(before: RoleStatus, now: RoleStatus) -> None:
    assert status(student=now).differs(status(student=before))


def test_a_change_of_either_role_is_a_change() -> None:
    assert status(ABSENT, tutor=status_at(came(), 1)).differs(status(ABSENT))


def test_a_participant_who_is_still_there_is_no_change() -> None:
    assert not status(status_at(came(last_sign=15), 16)).differs(status(status_at(came(), 1)))


def test_the_duration_is_from_the_first_connect_to_the_last_event_of_either_role() -> None:
    assert status(status_at(left(at=60), 61), tutor=status_at(came(last_sign=90), 91)).duration_seconds == 90


def test_the_duration_is_zero_if_no_participant_came() -> None:
    assert status(ABSENT).duration_seconds == 0


@pytest.mark.parametrize(
    ("facts", "since", "left_at"),
    [
        pytest.param(None, None, None, id="never came"),
        pytest.param(
            ParticipantFacts(began_at=NOON, alive_at=after(15), present_until=after(15)), NOON, None, id="is there"
        ),
        pytest.param(
            ParticipantFacts(began_at=NOON, alive_at=after(14), present_until=after(14)),
            None,
            after(14),
            id="is silent",
        ),
        pytest.param(
            ParticipantFacts(began_at=None, alive_at=None, present_until=after(60)), None, after(60), id="left"
        ),
    ],
)
def test_a_participant_is_there_since_they_came_last(
    facts: ParticipantFacts | None, since: Instant | None, left_at: Instant | None
) -> None:
    expected = ParticipantStatus(participant=STUDENT, present_since=since, left_at=left_at)
    assert participant_status(STUDENT, facts, after(90), TIMEOUT) == expected
