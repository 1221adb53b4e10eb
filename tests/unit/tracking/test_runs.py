"""What goes the short way: heartbeats, folded to one run per participant."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from servicekit.clock import Instant
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import Participant, UserType
from tracking_service.domain.runs import NO_RUNS, PlainHeartbeat, Run, fold, halved, participant, participant_key

TIMEOUT = 75
MAX_ID = 2**31 - 1

ids = st.integers(1, MAX_ID)
moments = st.integers(0, 4 * TIMEOUT).map(Instant)


def beat(key: int, at: int, connection_id: str = "") -> PlainHeartbeat:
    return PlainHeartbeat(1, key, Instant(at), connection_id)


@given(session_id=ids, user_id=ids, user_type=st.sampled_from(UserType))
def test_a_key_names_its_participant_and_fits_into_a_bigint(session_id: int, user_id: int, user_type: UserType) -> None:
    key = participant_key(session_id, user_id, is_student=user_type is UserType.STUDENT)
    assert participant(key) == Participant(WhiteboardSessionId(session_id), UserId(user_id), user_type)
    assert 0 < key < 2**63


def test_nothing_folds_to_nothing() -> None:
    assert fold([], TIMEOUT) == (NO_RUNS, [])


def test_heartbeats_of_different_people_are_a_run_each_in_the_order_of_the_keys() -> None:
    runs, others = fold([beat(2, 10), beat(1, 20, "tab")], TIMEOUT)
    assert (list(zip(*runs, strict=True)), others) == ([(1, 20, 20, "tab"), (2, 10, 10, "")], [])


def test_a_silence_a_step_back_and_another_connection_do_not_fit_into_a_run() -> None:
    beats = [beat(1, 10), beat(1, 10 + TIMEOUT), beat(1, 9), beat(1, 20, "tab"), beat(1, 11 + 2 * TIMEOUT)]
    runs, others = fold(beats, TIMEOUT)
    assert list(zip(*runs, strict=True)) == [(1, 10, 10 + TIMEOUT, "")]
    assert others == beats[2:]


@given(st.lists(st.builds(beat, st.integers(1, 3), moments, st.sampled_from(["", "tab"]))))
def test_every_heartbeat_is_in_its_run_or_beside_and_no_run_has_a_silence(beats: list[PlainHeartbeat]) -> None:
    runs, others = fold(beats, TIMEOUT)
    for run in (Run(*row) for row in zip(*runs, strict=True)):
        inside = sorted(each.at for each in beats if each.participant_key == run.participant_key and each not in others)
        assert (inside[0], inside[-1]) == (run.first_at, run.last_at)
        assert all(later - earlier <= TIMEOUT for earlier, later in pairwise(inside))
    assert {each.participant_key for each in beats} == set(runs.participant_keys)


def test_halves_are_of_different_sessions_and_lose_nothing() -> None:
    keys = [
        participant_key(session_id, 7, is_student=is_student)
        for session_id in (1, 2, 3)
        for is_student in (False, True)
    ]
    runs, _ = fold([beat(key, 10, "tab") for key in keys], TIMEOUT)
    even, odd = halved(runs)
    assert {participant(key).session_id for key in odd.participant_keys} == {1, 3}
    assert {participant(key).session_id for key in even.participant_keys} == {2}
    rows = [row for half in (even, odd) for row in zip(*half, strict=True)]
    assert sorted(rows) == list(zip(*runs, strict=True))
