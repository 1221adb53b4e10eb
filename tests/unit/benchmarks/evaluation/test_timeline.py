from __future__ import annotations

from benchmarks.evaluation.time_ranges import SECOND
from benchmarks.evaluation.timeline import format_telemetry, format_time
from tests.unit.benchmarks.evaluation.examples import delivered_at_once, present


def test_times_are_printed_relative_to_the_start_of_the_window() -> None:
    assert format_time(75_004) == "+01:15.004"
    assert format_time(-600) == "-00:00.600"


def test_heartbeats_in_a_row_are_one_line() -> None:
    assert list(format_telemetry(delivered_at_once(present(0, 1)))) == [
        "+00:00.000 connect of a0",
        "+00:15.000 to +00:45.000 heartbeat of a0, 3 times",
        "+01:00.000 disconnect of a0",
    ]


def test_an_event_that_arrived_late_is_marked() -> None:
    [connect, *_] = delivered_at_once(present(0, 1))
    late = connect._replace(delivered_at=90 * SECOND)
    assert list(format_telemetry([late])) == ["+00:00.000 connect of a0, arrived 90 s late"]
