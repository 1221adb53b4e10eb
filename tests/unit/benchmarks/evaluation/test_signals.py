from __future__ import annotations

from itertools import pairwise
from random import Random

from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.simulation.breaks import Break
from benchmarks.evaluation.simulation.signals import Signal, signals
from benchmarks.evaluation.simulation.tabs import Tab
from benchmarks.evaluation.simulation.words import Fault, Kind
from tests.unit.benchmarks.evaluation.build import minutes

PAGE = Tab(name="a", stretch=minutes(0, 10))


def of(tab: Tab) -> list[Signal]:
    return signals(tab, Random(1))


def test_a_page_tells_its_opening_and_its_closing_to_the_millisecond() -> None:
    told = of(PAGE)
    assert told[0] == Signal(0, Kind.CONNECT, "a0")
    assert told[-1] == Signal(10 * MINUTE, Kind.DISCONNECT, "a0")


def test_it_gives_a_sign_of_life_each_fifteen_seconds() -> None:
    moments = [signal.at for signal in of(PAGE)[:-1]]
    assert {(after - before) // SECOND for before, after in pairwise(moments)} == {15}
    assert 10 * MINUTE - moments[-1] < 16 * SECOND


def test_a_hidden_tab_gives_one_a_minute() -> None:
    moments = [signal.at for signal in of(Tab(name="a", stretch=PAGE.stretch, hidden=minutes(2, 9)))]
    silences = {(after - before) // SECOND for before, after in pairwise(moments)}
    assert {15, 60} <= silences
    assert max(silences) == 60


def test_after_a_break_a_new_connection_opens() -> None:
    gone = Stretch(4 * MINUTE, 5 * MINUTE)
    told = of(Tab(name="a", stretch=PAGE.stretch, breaks=(Break(gone, Fault.RELOADS, is_seen=True),)))
    assert Signal(gone.start, Kind.DISCONNECT, "a0") in told
    assert Signal(gone.end, Kind.CONNECT, "a1") in told
    assert not any(gone.start < signal.at < gone.end for signal in told)


def test_an_end_that_nobody_sees_is_not_told() -> None:
    gone = Stretch(4 * MINUTE, 5 * MINUTE)
    told = of(Tab(name="a", stretch=PAGE.stretch, breaks=(Break(gone, Fault.BLIPS, is_seen=False),)))
    assert [signal.at for signal in told if signal.kind is Kind.DISCONNECT] == [10 * MINUTE]
