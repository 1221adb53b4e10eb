from __future__ import annotations

import pytest

from benchmarks.evaluation.review.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.review.old_way import kept_of, suggest
from benchmarks.evaluation.simulation.signals import Signal
from benchmarks.evaluation.simulation.words import Kind
from tests.unit.benchmarks.evaluation.build import HOUR_LONG, at_once, beats


def old_way(*signals: Signal) -> Verdict:
    return suggest(kept_of(at_once(signals)), HOUR_LONG)


def test_somebody_who_was_there_all_the_time_is_present() -> None:
    assert old_way(*beats(0, 60)) == (Mark.PRESENT, Confidence.HIGH)


def test_nobody_is_absent() -> None:
    assert old_way() == (Mark.ABSENT, Confidence.HIGH)


def test_without_a_disconnect_nothing_was_active() -> None:
    assert old_way(*beats(0, 60)[:-1]) == (Mark.ABSENT, Confidence.HIGH)


def test_a_reconnect_forgets_what_was_before() -> None:
    assert old_way(*beats(0, 40), *beats(41, 60)) == (Mark.ABSENT, Confidence.MEDIUM)


def test_heartbeats_after_the_disconnect_of_another_tab_are_forgotten() -> None:
    assert (
        kept_of(at_once([*beats(0, 30), Signal(3_000_000, Kind.HEARTBEAT, "b0")])).total_active_seconds == 29 * 60 + 45
    )


def test_a_very_late_arrival_alone_makes_absent() -> None:
    assert old_way(*beats(16, 60)) == (Mark.ABSENT, Confidence.MEDIUM)


@pytest.mark.parametrize(("late", "mark"), [(4.9, Mark.PRESENT), (5, Mark.LATE), (15.9, Mark.LATE), (16, Mark.ABSENT)])
def test_seconds_of_lateness_are_cut_off(late: float, mark: Mark) -> None:
    assert old_way(*beats(late, 60)).mark is mark


@pytest.mark.parametrize(
    ("until", "verdict"),
    [
        (11, (Mark.ABSENT, Confidence.HIGH)),
        (15, (Mark.ABSENT, Confidence.MEDIUM)),
        (20, (Mark.PRESENT, Confidence.LOW)),
        (30, (Mark.PRESENT, Confidence.MEDIUM)),
        (50, (Mark.PRESENT, Confidence.HIGH)),
    ],
)
def test_engagement_is_from_the_last_connect_to_the_last_activity(until: float, verdict: tuple[str, str]) -> None:
    assert old_way(*beats(0, until)) == verdict
