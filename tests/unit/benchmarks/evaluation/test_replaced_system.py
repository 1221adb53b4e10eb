from __future__ import annotations

import pytest

from benchmarks.evaluation.replaced_system import stored_columns, suggest
from benchmarks.evaluation.reviewer.marks import Confidence, Mark, Verdict
from benchmarks.evaluation.simulation.plan import EventKind
from benchmarks.evaluation.simulation.telemetry import Sent
from tests.unit.benchmarks.evaluation.examples import ONE_HOUR, delivered_at_once, present


def suggested(*sent: Sent) -> Verdict:
    return suggest(stored_columns(delivered_at_once(sent)), ONE_HOUR)


def test_a_person_who_was_there_all_the_time_is_present() -> None:
    assert suggested(*present(0, 60)) == (Mark.PRESENT, Confidence.HIGH)


def test_a_person_without_events_is_absent() -> None:
    assert suggested() == (Mark.ABSENT, Confidence.HIGH)


def test_without_a_disconnect_there_is_no_active_time() -> None:
    assert suggested(*present(0, 60)[:-1]) == (Mark.ABSENT, Confidence.HIGH)


def test_a_reconnect_overwrites_what_was_before() -> None:
    assert suggested(*present(0, 40), *present(41, 60)) == (Mark.ABSENT, Confidence.MEDIUM)


def test_heartbeats_after_the_disconnect_of_another_tab_do_not_count() -> None:
    assert (
        stored_columns(
            delivered_at_once([*present(0, 30), Sent(3_000_000, EventKind.HEARTBEAT, "b0")])
        ).total_active_seconds
        == 29 * 60 + 45
    )


def test_a_very_late_arrival_alone_is_absent() -> None:
    assert suggested(*present(16, 60)) == (Mark.ABSENT, Confidence.MEDIUM)


@pytest.mark.parametrize(("late", "mark"), [(4.9, Mark.PRESENT), (5, Mark.LATE), (15.9, Mark.LATE), (16, Mark.ABSENT)])
def test_seconds_of_lateness_are_ignored(late: float, mark: Mark) -> None:
    assert suggested(*present(late, 60)).mark is mark


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
    assert suggested(*present(0, until)) == verdict
