"""The outbox: whatever happens to a stream, its events stay in order, each once, until they are acknowledged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from astegni.tracking.v1 import tracking_pb2 as tracking
from heartbeat_relay.events import NO_REASON, Occurrence
from heartbeat_relay.outbox import EVENTS_PER_FRAME, Frame, Outbox

UNLIMITED = 10**9
#: One step of a stream's life, and how far along its events it reaches.
STEPS = st.tuples(st.sampled_from(["add", "seal", "send", "acknowledge", "break", "start anew"]), st.integers(0, 5))


def occurrence(user_id: int) -> Occurrence:
    return Occurrence(tracking.heartbeat, 1, tracking.student, user_id, 0, "", "", NO_REASON)


def fill(outbox: Outbox, events: int) -> Outbox:
    for user_id in range(1, events + 1):
        outbox.add(occurrence(user_id))
    outbox.seal()
    return outbox


def users(frame: Frame) -> list[int]:
    return [event.user_id for event in tracking.StreamHeartbeatsRequest.FromString(frame.data).batch.events]


@given(st.lists(STEPS, max_size=60))
def test_what_is_kept_is_what_was_added_and_not_acknowledged_in_order(steps: list[tuple[str, int]]) -> None:
    outbox = Outbox()
    kept: list[int] = []
    committed = added = 0
    for step, reach in steps:
        match step:
            case "add":
                added += 1
                kept.append(added)
                outbox.add(occurrence(added))
            case "seal":
                outbox.seal()
            case "send":
                outbox.take(UNLIMITED)
            case "acknowledge":
                newly = min(reach, sent(outbox))
                committed += newly
                kept = kept[newly:]
                outbox.acknowledge(committed)
            case "break":
                outbox.resend()
            case "start anew":
                committed = 0
                outbox.start_anew()
        assert [event.user_id for event in outbox.unacknowledged()] == kept
        assert [event.sequence - committed for event in outbox.unacknowledged()] == list(range(1, len(kept) + 1))
        assert (outbox.unanswered, outbox.answered) == (len(kept), added - len(kept))


def sent(outbox: Outbox) -> int:
    """Return how many unacknowledged events are in frames: only those can be committed."""
    return next((count for count in range(outbox.unanswered, 0, -1) if fits_ahead(outbox, count)), 0)


def fits_ahead(outbox: Outbox, count: int) -> bool:
    first = next(iter(outbox.unacknowledged())).sequence
    return outbox.fits(first - 1 + count)


def test_a_frame_is_full_at_the_contract_s_limit() -> None:
    outbox = Outbox()
    for user_id in range(1, EVENTS_PER_FRAME + 2):
        outbox.add(occurrence(user_id))
    frame = outbox.take(UNLIMITED)
    assert frame is not None
    assert (frame.first, frame.last, outbox.take(UNLIMITED)) == (1, EVENTS_PER_FRAME, None)


def test_there_is_news_for_the_sender_with_the_first_event_of_a_frame_and_with_the_last() -> None:
    outbox = Outbox()
    news = [outbox.add(occurrence(user_id)) for user_id in range(1, EVENTS_PER_FRAME + 1)]
    assert [position for position, told in enumerate(news, start=1) if told] == [1, EVENTS_PER_FRAME]


def test_no_more_is_sent_than_may_be_on_the_way() -> None:
    outbox = fill(Outbox(), 4)
    fill(outbox, 4)
    assert outbox.take(7) is not None
    assert outbox.take(7) is None
    outbox.acknowledge(1)
    assert outbox.take(7) is not None


def test_a_frame_larger_than_may_be_on_the_way_goes_alone() -> None:
    assert fill(Outbox(), 4).take(1) is not None


def test_what_was_sent_is_sent_again_as_it_was_built() -> None:
    outbox = fill(Outbox(), 4)
    frame = outbox.take(UNLIMITED)
    outbox.acknowledge(2)
    outbox.resend()
    assert outbox.take(UNLIMITED) is frame


def test_a_new_stream_takes_only_what_is_unacknowledged() -> None:
    outbox = fill(Outbox(), 4)
    outbox.take(UNLIMITED)
    outbox.acknowledge(2)
    outbox.start_anew()
    outbox.seal()
    frame = outbox.take(UNLIMITED)
    assert frame is not None
    assert (frame.first, frame.last, users(frame)) == (1, 2, [3, 4])


def test_refused_events_are_found_by_their_numbers() -> None:
    outbox = fill(fill(Outbox(), 4), 4)
    outbox.take(UNLIMITED)
    outbox.take(UNLIMITED)
    found = [entry for entry in outbox.find({2, 8}) if isinstance(entry, tracking.PresenceEvent)]
    assert [(event.sequence, event.user_id) for event in found] == [(2, 2), (8, 4)]


def test_a_position_before_what_was_dropped_or_after_what_was_sent_does_not_fit() -> None:
    outbox = fill(Outbox(), 4)
    outbox.acknowledge(2)
    assert [outbox.fits(committed) for committed in range(6)] == [False, False, True, True, True, False]


def gap() -> tracking.ObservationGap:
    return tracking.ObservationGap(session_ids=[7])


def numbers(frame: Frame | None) -> list[int]:
    assert frame is not None
    request = tracking.StreamHeartbeatsRequest.FromString(frame.data)
    return [request.gap.sequence] if request.HasField("gap") else [event.sequence for event in request.batch.events]


def test_a_gap_takes_the_next_number_in_a_frame_of_its_own() -> None:
    outbox = Outbox()
    outbox.add(occurrence(1))
    outbox.add_gap(gap())
    fill(outbox, 1)
    assert [numbers(outbox.take(UNLIMITED)) for _ in range(3)] == [[1], [2], [3]]
    assert outbox.unanswered == 3


def test_a_new_stream_takes_a_gap_in_its_place() -> None:
    outbox = fill(Outbox(), 2)
    outbox.add_gap(gap())
    fill(outbox, 1)
    outbox.take(UNLIMITED)
    outbox.acknowledge(1)
    outbox.start_anew()
    outbox.seal()
    assert [numbers(outbox.take(UNLIMITED)) for _ in range(3)] == [[1], [2], [3]]


def test_gaps_are_no_events_that_the_user_handed_over() -> None:
    outbox = fill(Outbox(), 1)
    outbox.add_gap(gap())
    assert [event.sequence for event in outbox.unacknowledged()] == [1]
