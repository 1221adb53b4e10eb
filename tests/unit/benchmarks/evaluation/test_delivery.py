from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from random import Random

import pytest

from benchmarks.evaluation.simulation.delivery import Telemetry, deliver, lose
from benchmarks.evaluation.simulation.plan import Outage, Record
from benchmarks.evaluation.simulation.words import Fault, Kind
from tests.unit.benchmarks.evaluation.build import at_once, beats, minutes

SIGNALS = beats(0, 50)
DOWN = minutes(10, 20)


def kinds(faults: Collection[Fault]) -> Counter[Kind]:
    return Counter(signal.kind for signal in lose(SIGNALS, faults, Random(4)))


def delivered(faults: Collection[Fault] = (), record: Record | None = None) -> list[Telemetry]:
    return deliver(SIGNALS, faults, Outage(stretch=DOWN, record=record) if record else None, Random(1))


def test_without_faults_everything_comes_in_at_once() -> None:
    assert delivered() == at_once(lose(SIGNALS, (), Random(1))) == at_once(SIGNALS)


def test_a_lost_connect_is_the_first_one() -> None:
    assert kinds({Fault.LOST_CONNECT})[Kind.CONNECT] == 0


def test_a_lost_disconnect_may_be_concluded_later() -> None:
    found = {frozenset(signal.kind for signal in lose(SIGNALS, {Fault.LOST_DISCONNECT}, Random(it))) for it in range(9)}
    assert found == {
        frozenset({Kind.CONNECT, Kind.HEARTBEAT}),
        frozenset({Kind.CONNECT, Kind.HEARTBEAT, Kind.TIMEOUT}),
    }


def test_one_heartbeat_in_twenty_gets_lost() -> None:
    lost = 1 - kinds({Fault.LOST_HEARTBEATS})[Kind.HEARTBEAT] / kinds(())[Kind.HEARTBEAT]
    assert 0.02 < lost < 0.1


@pytest.mark.parametrize("fault", [Fault.DISORDER, Fault.RELAY_BUFFERING])
def test_what_comes_in_late_is_still_the_same(fault: Fault) -> None:
    late = delivered({fault})
    assert sorted(item[1:] for item in late) == sorted(item[1:] for item in at_once(SIGNALS))
    assert any(item.delivered_at > item.observed_at for item in late)


def test_disorder_changes_the_order() -> None:
    observed = [item.observed_at for item in delivered({Fault.DISORDER})]
    assert observed != sorted(observed)


def test_duplicates_only_repeat() -> None:
    twice = Counter(item[1:] for item in delivered({Fault.DUPLICATES}))
    assert twice.keys() == {item[1:] for item in at_once(SIGNALS)}
    assert set(twice.values()) == {1, 2}


def test_an_outage_loses_what_happened_in_it() -> None:
    left = delivered(record=Record.COVERAGE)
    assert left == [item for item in at_once(SIGNALS) if not DOWN.holds(item.observed_at)]


def test_after_an_outage_a_relay_sends_everything_again() -> None:
    again = delivered(record=Record.NOTHING_MISSED)
    assert len(again) == len(SIGNALS)
    assert not any(DOWN.holds(item.delivered_at) for item in again)


def test_what_a_relay_kept_from_before_an_outage_waits_for_its_end() -> None:
    left = delivered({Fault.DISORDER, Fault.RELAY_BUFFERING}, Record.COVERAGE)
    assert not any(DOWN.holds(item.delivered_at) for item in left)
    assert {item.observed_at for item in left if item.observed_at < DOWN.start} == {
        signal.at for signal in SIGNALS if signal.at < DOWN.start
    }
