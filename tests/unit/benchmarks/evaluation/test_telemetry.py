from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from random import Random

import pytest

from benchmarks.evaluation.simulation.plan import EventKind, Fault, Outage, OutageRecord
from benchmarks.evaluation.simulation.tabs import Break, Tab
from benchmarks.evaluation.simulation.telemetry import Sent, Telemetry, deliver, lose, send
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange
from tests.unit.benchmarks.evaluation.examples import delivered_at_once, minutes, present

TAB = Tab(name="a", range=minutes(0, 10))
SENT = present(0, 50)
OUTAGE = minutes(10, 20)


def sent_by(tab: Tab) -> list[Sent]:
    return send(tab, Random(1))


def remaining_kinds(faults: Collection[Fault]) -> Counter[EventKind]:
    return Counter(item.kind for item in lose(SENT, faults, Random(4)))


def delivered(faults: Collection[Fault] = (), record: OutageRecord | None = None) -> list[Telemetry]:
    return deliver(SENT, faults, Outage(range=OUTAGE, record=record) if record else None, Random(1))


def test_a_tab_sends_a_connect_and_a_disconnect_at_its_ends_to_the_millisecond() -> None:
    sent = sent_by(TAB)
    assert sent[0] == Sent(0, EventKind.CONNECT, "a0")
    assert sent[-1] == Sent(10 * MINUTE, EventKind.DISCONNECT, "a0")


def test_a_tab_sends_a_heartbeat_every_fifteen_seconds() -> None:
    times = [item.at for item in sent_by(TAB)[:-1]]
    assert {(after - before) // SECOND for before, after in pairwise(times)} == {15}
    assert 10 * MINUTE - times[-1] < 16 * SECOND


def test_a_hidden_tab_sends_a_heartbeat_every_minute() -> None:
    times = [item.at for item in sent_by(Tab(name="a", range=TAB.range, hidden=minutes(2, 9)))]
    silences = {(after - before) // SECOND for before, after in pairwise(times)}
    assert {15, 60} <= silences
    assert max(silences) == 60


def test_after_a_break_a_new_connection_opens() -> None:
    gone = TimeRange(4 * MINUTE, 5 * MINUTE)
    sent = sent_by(Tab(name="a", range=TAB.range, breaks=(Break(gone, Fault.RELOADS, is_noticed=True),)))
    assert Sent(gone.start, EventKind.DISCONNECT, "a0") in sent
    assert Sent(gone.end, EventKind.CONNECT, "a1") in sent
    assert not any(gone.start < item.at < gone.end for item in sent)


def test_an_unnoticed_end_of_a_connection_sends_no_disconnect() -> None:
    gone = TimeRange(4 * MINUTE, 5 * MINUTE)
    sent = sent_by(Tab(name="a", range=TAB.range, breaks=(Break(gone, Fault.BLIPS, is_noticed=False),)))
    assert [item.at for item in sent if item.kind is EventKind.DISCONNECT] == [10 * MINUTE]


def test_without_faults_everything_arrives_at_once() -> None:
    assert delivered() == delivered_at_once(lose(SENT, (), Random(1))) == delivered_at_once(SENT)


def test_a_lost_connect_is_the_first_one() -> None:
    assert remaining_kinds({Fault.LOST_CONNECT})[EventKind.CONNECT] == 0


def test_a_lost_disconnect_may_be_concluded_later() -> None:
    kinds = {frozenset(item.kind for item in lose(SENT, {Fault.LOST_DISCONNECT}, Random(seed))) for seed in range(9)}
    assert kinds == {
        frozenset({EventKind.CONNECT, EventKind.HEARTBEAT}),
        frozenset({EventKind.CONNECT, EventKind.HEARTBEAT, EventKind.TIMEOUT}),
    }


def test_one_heartbeat_in_twenty_is_lost() -> None:
    remaining = remaining_kinds({Fault.LOST_HEARTBEATS})[EventKind.HEARTBEAT]
    assert 0.02 < 1 - remaining / remaining_kinds(())[EventKind.HEARTBEAT] < 0.1


@pytest.mark.parametrize("fault", [Fault.DISORDER, Fault.RELAY_BUFFERING])
def test_what_arrives_late_is_unchanged(fault: Fault) -> None:
    late = delivered({fault})
    assert sorted(item[1:] for item in late) == sorted(item[1:] for item in delivered_at_once(SENT))
    assert any(item.delivered_at > item.observed_at for item in late)


def test_disorder_changes_the_order() -> None:
    observed = [item.observed_at for item in delivered({Fault.DISORDER})]
    assert observed != sorted(observed)


def test_duplicates_only_repeat_events() -> None:
    counts = Counter(item[1:] for item in delivered({Fault.DUPLICATES}))
    assert counts.keys() == {item[1:] for item in delivered_at_once(SENT)}
    assert set(counts.values()) == {1, 2}


def test_events_during_an_outage_are_lost() -> None:
    remaining = delivered(record=OutageRecord.COVERAGE)
    assert remaining == [item for item in delivered_at_once(SENT) if not OUTAGE.contains(item.observed_at)]


def test_after_an_outage_a_relay_sends_everything_again() -> None:
    resent = delivered(record=OutageRecord.NOTHING_MISSED)
    assert len(resent) == len(SENT)
    assert not any(OUTAGE.contains(item.delivered_at) for item in resent)


def test_events_that_a_relay_buffered_before_an_outage_arrive_after_it() -> None:
    remaining = delivered({Fault.DISORDER, Fault.RELAY_BUFFERING}, OutageRecord.COVERAGE)
    assert not any(OUTAGE.contains(item.delivered_at) for item in remaining)
    assert {item.observed_at for item in remaining if item.observed_at < OUTAGE.start} == {
        item.at for item in SENT if item.at < OUTAGE.start
    }


def test_a_stopped_tracking_service_dates_the_last_calls_to_its_stop() -> None:
    recorded = delivered(record=OutageRecord.TRACKING_FROZEN)
    outside = [item for item in delivered_at_once(SENT) if not OUTAGE.contains(item.observed_at)]
    assert [item for item in recorded if not OUTAGE.contains(item.observed_at)] == outside
    read = [item for item in SENT if OUTAGE.end - 10 * SECOND <= item.at < OUTAGE.end]
    assert [item.observed_at for item in recorded if OUTAGE.contains(item.observed_at)] == [OUTAGE.start] * len(read)


def test_pages_that_noticed_an_outage_connect_again_after_it() -> None:
    arrived_later = Sent(60 * MINUTE, EventKind.HEARTBEAT, "b0")
    came_unseen = [Sent(minute * MINUTE, EventKind.HEARTBEAT, "c0") for minute in (15, 25)]
    sent = [*present(0, 50), arrived_later, *came_unseen]
    outage = Outage(range=minutes(10, 20.1), record=OutageRecord.GAP_FRAME, breaks_connections=True)
    connects = [item for item in deliver(sent, (), outage, Random(1)) if item.kind is EventKind.CONNECT]
    again = [item for item in connects if item.observed_at >= outage.range.end]
    assert sorted(item.connection_id for item in again) == ["a0", "c0"]
    assert all(item.observed_at < outage.range.end + 5 * SECOND for item in again)


def test_a_stopped_presence_socket_reads_ends_as_of_its_stop_and_connects_as_of_its_end() -> None:
    outage = Outage(range=minutes(4, 6), record=OutageRecord.SOCKET_FROZEN)
    sent = [*present(0, 5), *present(5.5, 9)]
    recorded = deliver(sent, (), outage, Random(1))
    assert [(item.observed_at, item.kind) for item in recorded if item.kind is not EventKind.HEARTBEAT] == [
        (0, EventKind.CONNECT),
        (4 * MINUTE, EventKind.DISCONNECT),
        (6 * MINUTE, EventKind.CONNECT),
        (9 * MINUTE, EventKind.DISCONNECT),
    ]
    assert not any(4 * MINUTE < item.observed_at < 6 * MINUTE for item in recorded)
