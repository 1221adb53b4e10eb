from __future__ import annotations

import pytest

from tests.unit.attendance.build import at, codes, judged, span, there, verdict


def test_more_than_half_of_the_window_unknown_is_present_with_low_confidence() -> None:
    judgement = judged(unknown=[span(0, 31)])
    assert (verdict(judgement), codes(judgement)[0]) == (("present", "low"), "cannot_know")


def test_exactly_half_of_the_window_unknown_is_judged_by_the_other_half() -> None:
    judgement = judged(there(0, 30), unknown=[span(30, 60)])
    assert codes(judgement)[:2] == ["on_time", "high_engagement"]


def test_half_unknown_and_never_connected_is_an_absence_with_less_confidence() -> None:
    assert verdict(judged(unknown=[span(0, 30)])) == ("absent", "medium")


def test_never_connected_is_absent_with_high_confidence() -> None:
    judgement = judged()
    assert (verdict(judgement), codes(judgement)) == (("absent", "high"), ["never_connected"])


def test_presence_outside_the_window_alone_is_never_connected() -> None:
    assert codes(judged(there(-30, 0), there(60, 90))) == ["never_connected"]


def test_one_sign_of_life_in_the_window_is_connected_with_no_engagement() -> None:
    judgement = judged(there(10, 10))
    assert (verdict(judgement), codes(judgement)) == (("absent", "high"), ["very_low_engagement"])


@pytest.mark.parametrize(
    ("active_minutes", "confidence"), [(1, "high"), (11.9, "high"), (12, "medium"), (16.7, "medium")]
)
def test_engagement_below_30_is_absent_with_high_confidence_below_20(active_minutes: float, confidence: str) -> None:
    assert verdict(judged(there(0, active_minutes))) == ("absent", confidence)


def test_engagement_of_exactly_30_is_present() -> None:
    assert judged(there(0, 18)).status == "present"


def test_engagement_a_microsecond_below_30_is_absent() -> None:
    assert judged(there(0, at(18, microseconds=-1))).status == "absent"


def test_more_than_15_minutes_late_with_engagement_below_40_is_absent_with_medium_confidence() -> None:
    judgement = judged(there(16, 16 + 22))
    assert (verdict(judgement), codes(judgement)) == (("absent", "medium"), ["very_late_low_engagement"])


def test_more_than_15_minutes_late_with_engagement_of_exactly_40_is_late() -> None:
    assert judged(there(16, 16 + 24)).status == "late"


def test_more_than_15_minutes_late_is_late_with_medium_confidence() -> None:
    judgement = judged(there(16, 60))
    assert (verdict(judgement), codes(judgement)) == (("late", "medium"), ["very_late", "high_engagement"])


def test_exactly_15_minutes_late_is_not_very_late() -> None:
    assert codes(judged(there(15, 60)))[0] == "late"


def test_a_microsecond_more_than_15_minutes_late_is_very_late() -> None:
    assert codes(judged(there(at(15, microseconds=1), 60)))[0] == "very_late"


@pytest.mark.parametrize(
    ("end", "confidence"), [(10 + 42, "high"), (10 + 41.9, "medium"), (10 + 26, "medium"), (10 + 20.5, "low")]
)
def test_5_to_15_minutes_late_is_late_by_engagement(end: float, confidence: str) -> None:
    assert verdict(judged(there(10, end))) == ("late", confidence)


def test_exactly_5_minutes_late_is_late() -> None:
    assert judged(there(5, 60)).status == "late"


def test_a_microsecond_less_than_5_minutes_late_is_present() -> None:
    assert judged(there(at(5, microseconds=-1), 60)).status == "present"


@pytest.mark.parametrize(
    ("active_minutes", "expected"),
    [(60, ("present", "high")), (42, ("present", "high")), (41.9, ("present", "medium")), (24, ("present", "medium"))],
)
def test_engagement_from_40_is_present_with_high_confidence_from_70(
    active_minutes: float, expected: tuple[str, str]
) -> None:
    assert verdict(judged(there(0, active_minutes))) == expected


def test_engagement_from_30_to_40_is_present_with_low_confidence() -> None:
    judgement = judged(there(0, 23.9))
    assert (verdict(judgement), codes(judgement)) == (("present", "low"), ["on_time", "low_engagement"])


def test_a_person_who_came_early_left_and_returned_after_20_minutes_is_20_minutes_late() -> None:
    assert codes(judged(there(-10, -2), there(20, 60)))[0] == "very_late"


def test_a_person_who_came_early_and_stayed_is_on_time() -> None:
    assert verdict(judged(there(-10, 60))) == ("present", "high")


def test_unknown_time_is_not_part_of_the_observed_window() -> None:
    # 35 of 50 observed minutes are 70 %; of 60 they would be 58 %.
    assert codes(judged(there(0, 35), unknown=[span(50, 60)]))[1] == "high_engagement"


def test_overlapping_presence_counts_once() -> None:
    assert codes(judged(there(0, 20), there(10, 24), there(0, 5)))[1] == "medium_engagement"
