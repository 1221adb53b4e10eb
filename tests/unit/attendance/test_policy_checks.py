"""With all limits that a policy may have, the rule table stays total and monotone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from attendance_service.domain.judgement import RULES, first_rule, near_limits
from attendance_service.domain.measurement import RuleInput
from attendance_service.domain.policy import DEFAULT_LIMITS, Limits, limits_of
from attendance_service.domain.policy_checks import policy_violations
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence

#: From the worst to the best.
STATUSES = (AttendanceStatus.ABSENT, AttendanceStatus.LATE, AttendanceStatus.PRESENT)
SCALE = tuple(Confidence)
PERCENT = st.integers(0, 100)


@st.composite
def policies(draw: st.DrawFn) -> Limits:
    """Draw allowed limits, including equal ones and the ends of their ranges."""
    clearly, absent, medium, high = sorted(draw(st.lists(PERCENT, min_size=4, max_size=4)))
    absent = max(absent, 1)
    late, very_late = sorted(draw(st.sets(st.integers(1, 5400), min_size=2, max_size=2)))
    return Limits(
        late_from=timedelta(seconds=late),
        very_late_after=timedelta(seconds=very_late),
        absent_below_percent=absent,
        clearly_absent_below_percent=min(clearly, absent),
        very_late_absent_below_percent=draw(st.integers(absent, 100)),
        medium_engagement_from_percent=max(medium, absent),
        high_engagement_from_percent=max(high, absent),
        cannot_know_above_percent=draw(st.integers(0, 50)),
        lateness_margin=timedelta(seconds=draw(st.integers(0, late))),
        engagement_margin_points=draw(st.integers(0, absent)),
    )


@st.composite
def engagements(draw: st.DrawFn, limits: Limits) -> Fraction:
    """Draw a percentage: anywhere, or next to a limit."""
    near = st.sampled_from([limits.absent_below_percent, limits.very_late_absent_below_percent, 0, 100])
    beside = st.builds(lambda at, off: at + Fraction(off, 1000), near, st.integers(-1, 1))
    value = draw(st.one_of(st.fractions(0, 100), beside))
    return min(max(value, Fraction(0)), Fraction(100))


def latenesses(limits: Limits) -> st.SearchStrategy[timedelta]:
    near = st.sampled_from([limits.late_from, limits.very_late_after])
    anywhere = st.timedeltas(timedelta(), timedelta(hours=2))
    return st.one_of(anywhere, st.builds(lambda at, off: at + timedelta(microseconds=off), near, st.integers(-1, 1)))


@st.composite
def compared(draw: st.DrawFn) -> tuple[Limits, RuleInput, RuleInput]:
    """Draw limits and two people, of whom the second came no later and stayed at least as long."""
    limits = draw(policies())
    late, later = sorted(draw(st.lists(latenesses(limits), min_size=2, max_size=2)))
    less, more = sorted(draw(st.lists(engagements(limits), min_size=2, max_size=2)))
    known = Fraction(0)
    worse = RuleInput(lateness=later, engagement=less, unknown=known)
    return limits, worse, RuleInput(lateness=late, engagement=more, unknown=known)


@given(policies())
def test_drawn_limits_are_allowed(limits: Limits) -> None:
    assert policy_violations(limits) == ()


@given(compared())
@settings(deadline=None)
def test_more_presence_or_an_earlier_arrival_never_means_a_worse_status(
    drawn: tuple[Limits, RuleInput, RuleInput],
) -> None:
    limits, worse, better = drawn
    statuses = [first_rule(measured, limits).status for measured in (worse, better)]
    assert STATUSES.index(statuses[0]) <= STATUSES.index(statuses[1])


@given(compared())
@settings(deadline=None)
def test_of_two_people_with_the_same_arrival_and_status_the_one_who_stayed_longer_is_surer_to_have_come(
    drawn: tuple[Limits, RuleInput, RuleInput],
) -> None:
    limits, worse, longer = drawn
    shorter = replace(worse, lateness=longer.lateness)
    rules = [first_rule(measured, limits) for measured in (shorter, longer)]
    assume(rules[0].status is rules[1].status)
    sure = [SCALE.index(rule.confidence(it, limits)) for rule, it in zip(rules, (shorter, longer), strict=True)]
    assert sure == sorted(sure, reverse=rules[0].status is AttendanceStatus.ABSENT)


@given(policies(), st.fractions(0, 100), st.fractions(0, 100))
def test_one_rule_applies_to_every_input(limits: Limits, engagement: Fraction, unknown: Fraction) -> None:
    for lateness in (None, timedelta(), timedelta(days=1)):
        measured = RuleInput(lateness=lateness, engagement=engagement, unknown=unknown)
        assert first_rule(measured, limits) in RULES
        assert set(near_limits(measured, limits)) <= {"near_lateness_limit", "near_engagement_limit"}


@given(policies(), st.fractions(0, 100))
def test_a_person_who_could_not_be_observed_most_of_the_time_is_never_absent(
    limits: Limits, engagement: Fraction
) -> None:
    measured = RuleInput(lateness=None, engagement=engagement, unknown=Fraction(501, 10))
    assert first_rule(measured, limits).status is AttendanceStatus.PRESENT


@pytest.mark.parametrize(
    ("stated", "refused"),
    [
        ({"late_from_seconds": 0, "lateness_margin_seconds": 0}, ["late_from_seconds"]),
        ({"late_from_seconds": 900}, ["late_from_seconds"]),
        ({"very_late_after_seconds": 86401}, ["very_late_after_seconds"]),
        ({"very_late_after_seconds": 300}, ["late_from_seconds"]),
        ({"lateness_margin_seconds": 301}, ["lateness_margin_seconds"]),
        ({"lateness_margin_seconds": -1}, ["lateness_margin_seconds"]),
        ({"clearly_absent_below_percent": 31}, ["clearly_absent_below_percent"]),
        ({"very_late_absent_below_percent": 29}, ["very_late_absent_below_percent"]),
        ({"medium_engagement_from_percent": 29}, ["medium_engagement_from_percent"]),
        ({"medium_engagement_from_percent": 71}, ["medium_engagement_from_percent"]),
        ({"high_engagement_from_percent": 101}, ["high_engagement_from_percent"]),
        ({"cannot_know_above_percent": 51}, ["cannot_know_above_percent"]),
        ({"unobserved_above_percent": -1}, ["unobserved_above_percent"]),
        ({"short_window_below_seconds": -1}, ["short_window_below_seconds"]),
        ({"many_reconnects_from": 0}, ["many_reconnects_from"]),
        ({"no_show_after_seconds": 0}, ["no_show_after_seconds"]),
        ({"engagement_margin_points": 31}, ["engagement_margin_points"]),
        ({"claim_within_days": 366}, ["claim_within_days"]),
        ({"claim_within_days": -1}, ["claim_within_days"]),
        (
            {"many_reconnects_from": 0, "cannot_know_above_percent": 90},
            ["cannot_know_above_percent", "many_reconnects_from"],
        ),
    ],
)
def test_a_limit_outside_its_range_is_refused(stated: dict[str, float], refused: list[str]) -> None:
    assert sorted(violation.field for violation in policy_violations(limits_of(stated))) == refused


@pytest.mark.parametrize("name", sorted(DEFAULT_LIMITS.as_policy().keys() - {"parent_word_becomes_claim"}))
@pytest.mark.parametrize("value", [-1, 10**6])
def test_every_limit_has_bounds(name: str, value: int) -> None:
    assert name in {violation.field for violation in policy_violations(limits_of({name: value}))}


def test_a_violation_says_what_may_be_sent() -> None:
    [violation] = policy_violations(limits_of({"clearly_absent_below_percent": 31}))
    assert violation.description == "must be 0 to 30: at most absent_below_percent"


def test_the_built_in_limits_are_allowed() -> None:
    assert policy_violations(DEFAULT_LIMITS) == ()


@pytest.mark.parametrize("days", [0, 365])
@pytest.mark.parametrize("is_claim", [True, False])
def test_limits_of_claims_are_read_back_as_they_were_written(*, days: int, is_claim: bool) -> None:
    limits = replace(DEFAULT_LIMITS, claim_within_days=days, parent_word_becomes_claim=is_claim)
    assert policy_violations(limits) == ()
    assert limits_of(limits.as_document()) == limits
    assert limits.as_document()["parent_word_becomes_claim"] is is_claim
