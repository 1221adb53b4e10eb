from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_service.domain.facts import PresenceInterval
from attendance_service.domain.measurement import shown_minutes, shown_percentage
from servicekit.time_ranges import TimeRange
from testkit.pytest_plugins.thorough import thoroughly
from tests.unit.attendance.build import START, judged, verdict
from tests.unit.attendance.oracle import Scene, expected

#: Seconds around the limits of lateness and the ends of windows, where mistakes are likely.
LIKELY = (0, 1, 269, 270, 271, 299, 300, 301, 329, 330, 331, 869, 870, 871, 899, 900, 901, 929, 930, 931)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    length = draw(st.sampled_from((60, 600, 899, 900, 901, 1000, 1800, 2700)))
    seconds = st.one_of(st.sampled_from(LIKELY), st.integers(-300, length + 300))
    # Engagement close to every limit.
    shares = st.builds(
        lambda percent, off: length * percent // 100 + off, st.sampled_from(PERCENTS), st.integers(-1, 1)
    )
    ends = st.builds(lambda start, duration: (start, start + max(duration, 0)), seconds, shares)
    pairs = st.builds(lambda first, second: (min(first, second), max(first, second)), seconds, seconds)
    return Scene(
        length=length,
        presence=tuple(draw(st.lists(st.one_of(ends, pairs), max_size=4))),
        unknown=tuple(draw(st.lists(pairs, max_size=2))),
        gaps=tuple(draw(st.lists(pairs, max_size=2))),
        reconnects=draw(st.integers(0, 4)),
    )


PERCENTS = (0, 10, 20, 28, 30, 32, 38, 40, 42, 50, 70, 90, 100)


@given(scenes())
@settings(max_examples=thoroughly(100, thorough=1000))
def test_judgement_agrees_with_the_oracle(scene: Scene) -> None:
    judgement = judged(
        *_intervals(scene.presence),
        minutes=scene.length / 60,
        unknown=_spans(scene.unknown),
        gaps=_spans(scene.gaps),
        reconnects=scene.reconnects,
    )
    assert verdict(judgement) == expected(scene)


@given(st.fractions(min_value=0, max_value=100))
def test_percentages_are_shown_rounded_down_to_one_decimal(percentage: Fraction) -> None:
    shown = Fraction(str(shown_percentage(percentage)))
    assert shown <= percentage < shown + Fraction(1, 10)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=1)))
def test_minutes_are_shown_rounded_down_to_one_decimal(duration: timedelta) -> None:
    shown = Fraction(str(shown_minutes(duration)))
    assert shown <= Fraction(duration // timedelta(microseconds=1), 60_000_000) < shown + Fraction(1, 10)


@given(scenes(), st.randoms(use_true_random=False))
@settings(max_examples=thoroughly(25, thorough=250))
def test_the_order_of_intervals_never_matters(scene: Scene, random: Random) -> None:
    intervals = _intervals(scene.presence)
    shuffled = list(intervals)
    random.shuffle(shuffled)
    assert verdict(judged(*shuffled)) == verdict(judged(*intervals))


def _intervals(pairs: tuple[tuple[int, int], ...]) -> list[PresenceInterval]:
    return [PresenceInterval(span=span, end_reason="closed") for span in _spans(pairs)]


def _spans(pairs: tuple[tuple[int, int], ...]) -> list[TimeRange[datetime]]:
    return [TimeRange(START + timedelta(seconds=start), START + timedelta(seconds=end)) for start, end in pairs]
