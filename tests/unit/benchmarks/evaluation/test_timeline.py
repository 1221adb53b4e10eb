from __future__ import annotations

from benchmarks.evaluation.moments import SECOND
from benchmarks.evaluation.timeline import moment, telemetry
from tests.unit.benchmarks.evaluation.build import at_once, beats


def test_moments_are_told_after_the_start_of_the_window() -> None:
    assert moment(75_004) == "+01:15.004"
    assert moment(-600) == "-00:00.600"


def test_heartbeats_in_a_row_are_one_line() -> None:
    assert list(telemetry(at_once(beats(0, 1)))) == [
        "+00:00.000 connect of a0",
        "+00:15.000 to +00:45.000 heartbeat of a0, 3 times",
        "+01:00.000 disconnect of a0",
    ]


def test_what_came_in_late_says_so() -> None:
    [connect, *_] = at_once(beats(0, 1))
    late = connect._replace(delivered_at=90 * SECOND)
    assert list(telemetry([late])) == ["+00:00.000 connect of a0, came in 90 s late"]
