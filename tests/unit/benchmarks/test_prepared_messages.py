from __future__ import annotations

from astegni.tracking.v1 import tracking_pb2
from benchmarks.load.messages import ParticipantGroup
from benchmarks.load.prepared_messages import PreparedMessage, SequenceNumbers, participant_groups

AT = 1_790_000_000_123_000


def prepared(*, sessions: int, stamped: bool = True) -> PreparedMessage:
    group = ParticipantGroup(role="student", first_session=7, end_session=7 + sessions, step=1)
    return PreparedMessage(group, SequenceNumbers(), stamped=stamped)


def parsed(message: bytes) -> tracking_pb2.StreamHeartbeatsRequest:
    return tracking_pb2.StreamHeartbeatsRequest.FromString(message)


def test_protobuf_reads_a_prepared_message() -> None:
    event = parsed(prepared(sessions=1).heartbeats(300, AT)).event
    assert (event.sequence, event.session_id, event.user_id) == (300, 7, 15)
    assert (event.kind, event.user_type) == (tracking_pb2.heartbeat, tracking_pb2.student)
    assert event.observed_at.ToMicroseconds() == AT


def test_the_events_of_a_batch_are_numbered_one_after_the_other() -> None:
    events = parsed(prepared(sessions=3).heartbeats(127, AT)).batch.events
    assert [event.sequence for event in events] == [127, 128, 129]
    assert [event.session_id for event in events] == [7, 8, 9]


def test_a_message_can_be_sent_again_with_other_numbers() -> None:
    reused = prepared(sessions=2)
    reused.heartbeats(1, AT)
    assert [event.sequence for event in parsed(reused.heartbeats(3, AT)).batch.events] == [3, 4]


def test_all_participants_connect_first() -> None:
    events = parsed(prepared(sessions=2).connects(1, AT)).batch.events
    assert {event.kind for event in events} == {tracking_pb2.connect}


def test_heartbeats_as_columns_are_numbered_from_the_first_one_on() -> None:
    group = ParticipantGroup(role="student", first_session=7, end_session=10, step=1)
    message = PreparedMessage(group, SequenceNumbers(), stamped=True, as_columns=True)
    columns = parsed(message.heartbeats(300, AT)).heartbeats
    assert (columns.first_sequence, list(columns.session_ids), list(columns.user_ids)) == (300, [7, 8, 9], [15, 17, 19])


def test_heartbeats_as_columns_happen_one_after_the_other_and_none_in_the_future() -> None:
    group = ParticipantGroup(role="student", first_session=7, end_session=10, step=1)
    message = PreparedMessage(group, SequenceNumbers(), stamped=True, as_columns=True)
    columns = parsed(message.heartbeats(300, AT)).heartbeats
    message.record_sent(AT, connects=False)
    times = [columns.observed_at.ToMicroseconds() + after for after in columns.observed_after_microseconds]
    assert max(times) < AT
    assert times == [message.history.last_at + row * message.history.apart for row in range(3)]


def test_events_without_a_stamp_leave_the_time_to_the_service() -> None:
    assert not parsed(prepared(sessions=1, stamped=False).heartbeats(1, AT)).event.HasField("observed_at")


def test_every_participant_is_in_one_message() -> None:
    groups = participant_groups(range(1, 251), ("tutor", "student"), 100)
    tutors = sorted(session for group in groups if group.role == "tutor" for session in group.sessions)
    assert tutors == list(range(1, 251))
    assert max(len(group.sessions) for group in groups) <= 100
