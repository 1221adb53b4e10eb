"""Whatever happens to a stream, the outbox keeps each event once and in order until it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay import outbox as module
from heartbeat_relay.events import NANOSECONDS_PER_MICROSECOND, NO_REASON, Event
from heartbeat_relay.outbox import MAX_EVENTS_PER_FRAME, AckCallbacks, Frame, Outbox

UNLIMITED = 10**9
#: One step of a stream's life, and how far along its events it reaches.
MAX_REACH = 5
OTHER_STEPS: dict[str, Callable[[Outbox], object]] = {
    "seal": Outbox.seal,
    "send": lambda outbox: outbox.take(UNLIMITED),
    "break": Outbox.resend,
    "open where columns are read": lambda outbox: outbox.use_columns(accepted=True),
    "open where they are not": lambda outbox: outbox.use_columns(accepted=False),
}
STEPS = st.tuples(st.sampled_from(["add"] * 3 + ["acknowledge", "renumber", *OTHER_STEPS]), st.integers(0, MAX_REACH))


def event_of(user_id: int, activity_type: str = "", connection_id: str = "") -> Event:
    at = user_id * NANOSECONDS_PER_MICROSECOND
    return Event(tracking.heartbeat, 1, tracking.student, user_id, at, connection_id, activity_type, NO_REASON)


@pytest.fixture(autouse=True)
def short_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_ROWS_PER_FRAME", 2)


def fill(outbox: Outbox, events: int) -> Outbox:
    for user_id in range(1, events + 1):
        outbox.add(event_of(user_id))
    outbox.seal()
    return outbox


def with_columns() -> Outbox:
    outbox = Outbox()
    outbox.use_columns(accepted=True)
    return outbox


def request_of(frame: Frame | None) -> tracking.StreamHeartbeatsRequest:
    assert frame is not None
    return tracking.StreamHeartbeatsRequest.FromString(frame.data)


def users(frame: Frame) -> list[int]:
    return [event.user_id for event in request_of(frame).batch.events]


def sent_frames(outbox: Outbox) -> list[tuple[str | None, int, int]]:
    """Send everything; return what the frames are, and their first and last numbers."""
    outbox.seal()
    frames = list(iter(lambda: outbox.take(UNLIMITED), None))
    return [(request_of(frame).WhichOneof("frame"), frame.first, frame.last) for frame in frames]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=60))
def test_the_outbox_keeps_exactly_what_was_added_and_not_acknowledged_in_order(steps: list[tuple[str, int]]) -> None:
    outbox = Outbox()
    # The users of events; a gap is None.
    kept: list[int | None] = []
    committed = added = 0
    for step, reach in steps:
        match step:
            case "add":
                added += 1
                kept.append(added if reach else None)
                if reach:
                    outbox.add(event_of(added, "draw" if reach == MAX_REACH else ""))
                else:
                    outbox.add_gap(gap())
            case "acknowledge":
                newly = min(reach, sent(outbox, committed))
                committed += newly
                kept = kept[newly:]
                outbox.acknowledge(committed)
            case "renumber":
                committed = 0
                outbox.renumber()
            case _:
                OTHER_STEPS[step](outbox)
        numbered = [(number, user) for number, user in enumerate(kept, committed + 1) if user is not None]
        events = list(outbox.unacknowledged())
        assert [(event.sequence, event.user_id) for event in events] == numbered
        assert [event.observed_at.nanos // NANOSECONDS_PER_MICROSECOND for event in events] == [
            user for _, user in numbered
        ]
        assert (outbox.unacknowledged_count, outbox.acknowledged_count) == (len(kept), added - len(kept))


def sent(outbox: Outbox, committed: int) -> int:
    """Return how many unacknowledged entries are in frames: only those can be committed."""
    counts = range(outbox.unacknowledged_count, 0, -1)
    return next((count for count in counts if outbox.can_resume_at(committed + count)), 0)


def test_plain_heartbeats_are_columns_once_the_service_reads_them() -> None:
    outbox = fill(Outbox(), 3)
    outbox.use_columns(accepted=True)
    fill(outbox, 3)
    assert sent_frames(outbox) == [("batch", 1, 3), ("heartbeats", 4, 6)]


def test_few_heartbeats_and_those_with_activity_are_events() -> None:
    outbox = with_columns()
    outbox.add(event_of(1))
    outbox.add(event_of(2, "draw"))
    outbox.add(event_of(3))
    outbox.seal()
    outbox.add(event_of(4))
    assert sent_frames(outbox) == [("batch", 1, 3), ("batch", 4, 4)]


def test_many_heartbeats_before_an_event_have_a_frame_of_their_own() -> None:
    outbox = with_columns()
    for user_id in (1, 2):
        outbox.add(event_of(user_id))
    outbox.add(event_of(3, "draw"))
    assert sent_frames(outbox) == [("heartbeats", 1, 2), ("batch", 3, 3)]


def test_an_older_service_gets_the_same_heartbeats_as_events() -> None:
    outbox = with_columns()
    for user_id in (1, 2):
        outbox.add(event_of(user_id * 1000, connection_id="tab"))
    before = list(outbox.unacknowledged())
    outbox.seal()
    outbox.take(UNLIMITED)
    fill(outbox, 1)
    outbox.use_columns(accepted=False)
    outbox.resend()
    assert list(outbox.unacknowledged())[:2] == before
    assert sent_frames(outbox) == [("batch", 1, 2), ("batch", 3, 3)]


@pytest.mark.parametrize("bad", [event_of(2**31), event_of(1, connection_id="\ud800")])
def test_a_heartbeat_that_does_not_fit_leaves_no_trace(bad: Event) -> None:
    outbox = with_columns()
    for one in (event_of(1000), event_of(2000)):
        with pytest.raises((TypeError, ValueError)):
            outbox.add(bad)
        outbox.add(one)
    assert [event.user_id for event in outbox.unacknowledged()] == [1000, 2000]
    assert sent_frames(outbox) == [("heartbeats", 1, 2)]


def test_a_frame_holds_as_many_events_as_the_protos_allow() -> None:
    outbox = Outbox()
    for user_id in range(1, MAX_EVENTS_PER_FRAME + 2):
        outbox.add(event_of(user_id))
    frame = outbox.take(UNLIMITED)
    assert frame is not None
    assert (frame.first, frame.last, outbox.take(UNLIMITED)) == (1, MAX_EVENTS_PER_FRAME, None)


def test_the_sender_is_notified_of_the_first_event_of_a_frame_and_of_the_last() -> None:
    outbox = Outbox()
    notified = [outbox.add(event_of(user_id)) for user_id in range(1, MAX_EVENTS_PER_FRAME + 1)]
    assert [position for position, is_notified in enumerate(notified, start=1) if is_notified] == [
        1,
        MAX_EVENTS_PER_FRAME,
    ]


def test_no_more_is_in_flight_than_the_service_allows() -> None:
    outbox = fill(Outbox(), 4)
    fill(outbox, 4)
    assert outbox.take(7) is not None
    assert outbox.take(7) is None
    outbox.acknowledge(1)
    assert outbox.take(7) is not None


def test_a_frame_that_is_larger_than_the_service_allows_is_sent_alone() -> None:
    assert fill(Outbox(), 4).take(1) is not None


def test_a_frame_is_sent_again_unchanged() -> None:
    outbox = fill(Outbox(), 4)
    frame = outbox.take(UNLIMITED)
    outbox.acknowledge(2)
    outbox.resend()
    assert outbox.take(UNLIMITED) is frame


def test_a_new_stream_gets_only_what_is_unacknowledged() -> None:
    outbox = fill(Outbox(), 4)
    outbox.take(UNLIMITED)
    outbox.acknowledge(2)
    outbox.renumber()
    outbox.seal()
    frame = outbox.take(UNLIMITED)
    assert frame is not None
    assert (frame.first, frame.last, users(frame)) == (1, 2, [3, 4])


def test_rejected_events_are_found_by_their_numbers() -> None:
    outbox = fill(fill(Outbox(), 4), 4)
    outbox.take(UNLIMITED)
    outbox.take(UNLIMITED)
    found = [entry for entry in outbox.find({2, 8}) if isinstance(entry, tracking.PresenceEvent)]
    assert [(event.sequence, event.user_id) for event in found] == [(2, 2), (8, 4)]


def test_a_stream_can_not_resume_before_what_was_dropped_or_after_what_is_in_frames() -> None:
    outbox = fill(Outbox(), 4)
    outbox.acknowledge(2)
    assert [outbox.can_resume_at(committed) for committed in range(6)] == [False, False, True, True, True, False]


def gap() -> tracking.ObservationGap:
    return tracking.ObservationGap(session_ids=[7])


def numbers(frame: Frame | None) -> list[int]:
    assert frame is not None
    request = tracking.StreamHeartbeatsRequest.FromString(frame.data)
    return [request.gap.sequence] if request.HasField("gap") else [event.sequence for event in request.batch.events]


def test_a_gap_gets_the_next_number_and_a_frame_of_its_own() -> None:
    outbox = Outbox()
    outbox.add(event_of(1))
    outbox.add_gap(gap())
    fill(outbox, 1)
    assert [numbers(outbox.take(UNLIMITED)) for _ in range(3)] == [[1], [2], [3]]
    assert outbox.unacknowledged_count == 3


@pytest.mark.parametrize("rows", [1, 3], ids=["as events", "as columns"])
def test_plain_heartbeats_after_a_gap_have_the_next_numbers(rows: int) -> None:
    outbox = fill(with_columns(), 2)
    outbox.add_gap(gap())
    fill(outbox, rows)
    columns, of_gap, after = (outbox.take(UNLIMITED) for _ in range(3))
    assert (len(request_of(columns).heartbeats.session_ids), numbers(of_gap)) == (2, [3])
    request = request_of(after)
    first = request.heartbeats.first_sequence if rows > 1 else request.batch.events[0].sequence
    assert first == 4


def test_a_new_stream_keeps_a_gap_between_its_neighbours() -> None:
    outbox = fill(Outbox(), 2)
    outbox.add_gap(gap())
    fill(outbox, 1)
    outbox.take(UNLIMITED)
    outbox.acknowledge(1)
    outbox.renumber()
    outbox.seal()
    assert [numbers(outbox.take(UNLIMITED)) for _ in range(3)] == [[1], [2], [3]]


def test_gaps_are_not_among_the_unacknowledged_events() -> None:
    outbox = fill(Outbox(), 1)
    outbox.add_gap(gap())
    assert [event.sequence for event in outbox.unacknowledged()] == [1]


def run_due(callbacks: AckCallbacks, acknowledged_count: int) -> None:
    for callback in callbacks.due(acknowledged_count):
        callback()


def test_a_callback_is_due_when_its_event_is_acknowledged() -> None:
    callbacks, called = AckCallbacks(), list[int]()
    callbacks.add(3, partial(called.append, 3))
    run_due(callbacks, 2)
    assert called == []
    run_due(callbacks, 3)
    assert called == [3]


def test_callbacks_are_due_once_and_in_order() -> None:
    callbacks, called = AckCallbacks(), list[int]()
    for position in (1, 4, 9):
        callbacks.add(position, partial(called.append, position))
    for acknowledged_count in (5, 5, 20):
        run_due(callbacks, acknowledged_count)
    assert called == [1, 4, 9]


def test_a_callback_may_add_the_next_event() -> None:
    callbacks, called = AckCallbacks(), list[int]()

    def add_another() -> None:
        called.append(1)
        callbacks.add(2, partial(called.append, 2))

    callbacks.add(1, add_another)
    run_due(callbacks, 1)
    run_due(callbacks, 2)
    assert called == [1, 2]
