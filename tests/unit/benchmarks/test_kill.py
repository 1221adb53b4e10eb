from __future__ import annotations

from benchmarks.cases.kill import caught_up, first_acknowledgement
from benchmarks.load.messages import Noticed, RodeOut

RESTARTED = 10.0


def rode_out(*noticed: tuple[float, int]) -> RodeOut:
    return RodeOut(
        passed=1,
        acknowledged=1,
        rejections=0,
        acknowledgements=tuple(Noticed(at=at, waiting=waiting) for at, waiting in noticed),
    )


def test_the_first_ack_of_the_new_process_ends_the_longest_silence() -> None:
    late_from_the_old_process = (10.1, 500)
    run = rode_out((9.9, 500), late_from_the_old_process, (12.5, 9_000), (12.6, 400))
    assert first_acknowledgement(run, RESTARTED) == 12.5


def test_the_backlog_is_gone_when_no_more_waits_than_ever_before_the_kill() -> None:
    run = rode_out((9.8, 300), (9.9, 500), (12.5, 9_000), (12.6, 450), (12.7, 100))
    assert caught_up(run, RESTARTED, first=12.5) == 12.6


def test_a_backlog_that_stays_ends_with_the_last_ack() -> None:
    assert caught_up(rode_out((9.9, 5), (12.5, 9_000), (14.0, 8_000)), RESTARTED, first=12.5) == 14.0
