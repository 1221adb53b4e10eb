from __future__ import annotations

import pytest

from tests.unit.attendance.build import assumed, at, codes, judged, span, there, verdict


def test_a_window_shorter_than_15_minutes_lowers_confidence() -> None:
    judgement = judged(there(0, 14.9), minutes=14.9)
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "medium"), "short_window")


def test_a_window_of_15_minutes_is_not_short() -> None:
    assert verdict(judged(there(0, 15), minutes=15)) == ("present", "high")


def test_three_reconnects_lower_confidence() -> None:
    judgement = judged(there(0, 60), reconnects=3)
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "medium"), "many_reconnects")


def test_two_reconnects_do_not_lower_confidence() -> None:
    assert verdict(judged(there(0, 60), reconnects=2)) == ("present", "high")


@pytest.mark.parametrize("seconds", [-29.999999, -1, 0, 1, 29.999999])
def test_less_than_30_seconds_from_5_minutes_late_lowers_confidence(seconds: float) -> None:
    judgement = judged(there(at(5, seconds=seconds), 60))
    assert (judgement.confidence, codes(judgement)[-1]) == ("medium", "near_lateness_limit")


@pytest.mark.parametrize("seconds", [-30, 30])
def test_exactly_30_seconds_from_5_minutes_late_does_not_lower_confidence(seconds: float) -> None:
    assert judged(there(at(5, seconds=seconds), 60)).confidence == "high"


def test_the_limit_of_15_minutes_does_not_matter_where_crossing_it_keeps_the_status() -> None:
    assert codes(judged(there(at(15, seconds=-5), 60))) == ["late", "high_engagement"]


@pytest.mark.parametrize("seconds", [-29.999999, 0, 1, 29.999999])
def test_the_limit_of_15_minutes_matters_where_crossing_it_means_absence(seconds: float) -> None:
    arrival = at(15, seconds=seconds)
    assert "near_lateness_limit" in codes(judged(there(arrival, at(15 + 21, seconds=seconds))))


@pytest.mark.parametrize("seconds", [-30, 30])
def test_exactly_30_seconds_from_15_minutes_late_is_far_enough(seconds: float) -> None:
    arrival = at(15, seconds=seconds)
    assert "near_lateness_limit" not in codes(judged(there(arrival, at(15 + 21, seconds=seconds))))


@pytest.mark.parametrize("percent", [28.001, 29.9, 30, 31.999])
def test_less_than_2_points_from_30_percent_lowers_confidence(percent: float) -> None:
    assert codes(judged(there(0, 60 * percent / 100)))[-1] == "near_engagement_limit"


@pytest.mark.parametrize("seconds_of_3600", [28 * 36, 32 * 36])
def test_exactly_2_points_from_30_percent_does_not_lower_confidence(seconds_of_3600: int) -> None:
    assert "near_engagement_limit" not in codes(judged(there(0, at(seconds=seconds_of_3600))))


@pytest.mark.parametrize("percent", [39, 40, 41])
def test_the_limit_of_40_percent_does_not_matter_to_the_punctual(percent: float) -> None:
    assert "near_engagement_limit" not in codes(judged(there(0, 60 * percent / 100)))


@pytest.mark.parametrize("percent", [38.001, 39.9, 40, 41.999])
def test_the_limit_of_40_percent_matters_to_the_very_late(percent: float) -> None:
    assert "near_engagement_limit" in codes(judged(there(20, 20 + 60 * percent / 100)))


def test_the_limits_of_20_and_70_percent_change_no_status() -> None:
    assert codes(judged(there(0, 12))) == ["very_low_engagement"]
    assert codes(judged(there(0, 42))) == ["on_time", "high_engagement"]


def test_near_both_limits_costs_one_step() -> None:
    # 14:50 late and 31 %: 15:00 would mean absent, and so would 29 %.
    arrival = at(14, seconds=50)
    judgement = judged(there(arrival, at(14, seconds=50 + 31 * 36)))
    assert codes(judgement)[-2:] == ["near_lateness_limit", "near_engagement_limit"]


def test_near_both_limits_costs_one_step_of_two() -> None:
    # Absent with high confidence cannot be near two limits; absent with medium falls to low, once.
    assert verdict(judged(there(at(15, seconds=10), at(15, seconds=10 + 39 * 36)))) == ("absent", "low")


def test_more_than_10_percent_unknown_lowers_confidence() -> None:
    judgement = judged(there(0, 53), unknown=[span(53.9, 60)])
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "medium"), "partly_unobserved")


def test_exactly_10_percent_unknown_does_not_lower_confidence() -> None:
    assert verdict(judged(there(0, 54), unknown=[span(54, 60)])) == ("present", "high")


def test_an_arrival_right_after_an_outage_before_which_it_would_have_been_on_time_lowers_confidence() -> None:
    judgement = judged(there(5.5, 60), unknown=[span(3, 5)])
    assert (verdict(judgement), codes(judgement)[-1]) == (("late", "medium"), "unknown_decisive")
    assert verdict(judged(there(7.5, 60), unknown=[span(5, 7)])) == ("late", "high")


@pytest.mark.parametrize(("until", "decides"), [(17.5, True), (16, False)])
def test_unknown_time_through_which_they_may_have_stayed_decides_where_it_leads_across_a_limit(
    until: float, *, decides: bool
) -> None:
    judgement = judged(there(0, until), unknown=[span(until, until + 1.5)])
    assert judgement.status == "absent"
    assert ("unknown_decisive" in codes(judgement)) is decides


def test_unknown_time_that_decides_and_is_more_than_10_percent_costs_one_step() -> None:
    judgement = judged(there(7, 60), unknown=[span(0, 6.9)])
    assert (verdict(judgement), codes(judgement)[-2:]) == (
        ("late", "medium"),
        ["partly_unobserved", "unknown_decisive"],
    )


def test_where_nothing_can_be_known_unknown_time_decides_nothing() -> None:
    assert codes(judged(there(0, 10), unknown=[span(10, 50)])) == ["cannot_know", "partly_unobserved"]


def test_a_gap_without_presence_on_either_side_lowers_confidence() -> None:
    judgement = judged(gaps=[span(20, 30)])
    assert (verdict(judgement), codes(judgement)) == (("absent", "medium"), ["never_connected", "partly_unobserved"])


def test_a_gap_between_presence_does_not_lower_confidence() -> None:
    assert verdict(judged(there(0, 20), assumed(20, 30), there(30, 60), gaps=[span(20, 30)])) == ("present", "high")


def test_unknown_time_inside_a_gap_counts_once() -> None:
    assert verdict(judged(there(0, 55), unknown=[span(55, 60)], gaps=[span(55, 60)])) == ("present", "high")


def test_a_gap_outside_the_window_does_not_matter() -> None:
    assert verdict(judged(gaps=[span(-30, 0), span(60, 90)])) == ("absent", "high")


def test_each_reason_lowers_confidence_by_one_step() -> None:
    assert verdict(judged(there(0, 14), minutes=14, reconnects=3)) == ("present", "low")


def test_confidence_never_falls_below_low() -> None:
    assert verdict(judged(there(0, 10), minutes=14, reconnects=5, gaps=[span(11, 14)])) == ("present", "low")


def test_an_unobserved_arrival_is_taken_as_early_as_possible_and_named_as_a_reason() -> None:
    judgement = judged(assumed(0, 3), there(3, 60), arrival_uncertain_since=at(0))
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "high"), "arrival_assumed")


def test_confidence_is_low_if_the_latest_possible_arrival_would_mean_another_status() -> None:
    judgement = judged(assumed(0, 8), there(8, 60), arrival_uncertain_since=at(0))
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "low"), "arrival_decisive")


def test_an_uncertain_arrival_is_taken_as_early_as_possible_also_without_an_assumed_interval() -> None:
    judgement = judged(there(8, 60), arrival_uncertain_since=at(0))
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "low"), "arrival_decisive")


def test_a_person_first_seen_after_the_class_may_never_have_been_present() -> None:
    judgement = judged(assumed(0, 70), arrival_uncertain_since=at(-5))
    assert (verdict(judgement), codes(judgement)[-1]) == (("present", "low"), "arrival_decisive")


def test_an_uncertain_arrival_before_the_window_changes_nothing() -> None:
    assert codes(judged(there(-2, 60), arrival_uncertain_since=at(-10))) == ["on_time", "high_engagement"]


def test_an_uncertain_arrival_without_presence_after_it_changes_nothing() -> None:
    assert codes(judged(arrival_uncertain_since=at(10))) == ["never_connected"]
