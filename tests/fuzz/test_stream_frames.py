"""Whatever is sent on a heartbeat stream, by whomever: it ends with a status that says why, and other streams go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from development.demo.people import PEOPLE
from servicekit.rpc.status import STATUS_DETAILS_KEY
from testkit.heartbeat_client import event
from testkit.postgres import query
from testkit.tokens import metadata, token
from testkit.whiteboard_sessions import STUDENT, TUTOR, add_whiteboard_session
from tests.e2e.pages.site import Site
from tests.fuzz.callers import CALLERS, TOKENS
from tests.fuzz.messages import encoded, messages
from tests.fuzz.rounds import Rounds

STREAM_HEARTBEATS = "/astegni.tracking.v1.TrackingService/StreamHeartbeats"
REQUEST = tracking_pb2.StreamHeartbeatsRequest
SHORT_ROUND = 150
MAX_FRAMES = 6
#: Generous: only a hanging stream takes longer.
TIMEOUT_SECONDS = 60
#: What a service answers that is surprised, or gone.
SURPRISED = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE}
REASON = re.compile(r"[A-Z][A-Z_0-9]*")


class Neighbour:
    """A relay that minds its own business, on a stream and in a session of its own."""

    def __init__(self, channel: grpc.Channel, session_id: int) -> None:
        self._session_id = session_id
        self._sequence = 0
        self._frames: SimpleQueue[REQUEST] = SimpleQueue()
        self._frames.put(REQUEST(open=tracking_pb2.OpenStream(stream_id=str(uuid4()))))
        stub: Any = tracking_pb2_grpc.TrackingServiceStub(channel)
        self._answers = stub.StreamHeartbeats(
            iter(self._frames.get, None), metadata=metadata(token("neighbour", "service"))
        )
        assert next(self._answers).HasField("opened")

    def beats(self) -> None:
        """Send a heartbeat, and return when it is acknowledged."""
        self._sequence += 1
        self._frames.put(REQUEST(event=event(self._sequence, "heartbeat", self._session_id, STUDENT)))
        answer = next(self._answers)
        while answer.ack.committed_sequence < self._sequence:
            answer = next(self._answers)
        assert not answer.ack.rejections

    def leave(self) -> None:
        self._answers.cancel()


@pytest.fixture
def channels(site: Site) -> Iterator[tuple[grpc.Channel, ...]]:
    """Return the two ways to the service: directly, and through the gateway."""
    with grpc.insecure_channel(site.tracking.address) as direct, grpc.insecure_channel(site.gateway.address) as gateway:
        yield direct, gateway


@pytest.fixture
def neighbour(site: Site, channels: tuple[grpc.Channel, ...]) -> Iterator[Neighbour]:
    neighbour = Neighbour(channels[0], add_whiteboard_session(site.database))
    yield neighbour
    neighbour.leave()


def test_any_frames_get_a_status_that_says_why_and_others_go_on(
    site: Site, channels: tuple[grpc.Channel, ...], neighbour: Neighbour, rounds: Rounds
) -> None:
    def check(sent: tuple[list[bytes], str, int]) -> None:
        frames, caller, way = sent
        stream: Any = channels[way].stream_stream(STREAM_HEARTBEATS)
        bearer = metadata(TOKENS[caller]) if TOKENS[caller] else None
        call = stream(iter(frames), metadata=bearer, timeout=TIMEOUT_SECONDS, wait_for_ready=True)
        assert_ends_with_a_reason(call)
        neighbour.beats()

    newest: Any = query(site.database, "SELECT max(id) FROM whiteboard_sessions")
    rounds.run(check, streams(newest[0][0]), short_round=SHORT_ROUND)


def assert_ends_with_a_reason(call: Any) -> None:  # noqa: ANN401 - gRPC's calls have no type of their own
    """Read a stream to its end; a refusal has one ErrorInfo, and is not that of a service that fails."""
    try:
        for _ in call:
            pass
    except grpc.RpcError:
        assert call.code() not in SURPRISED, call.details()
        packed = dict(call.trailing_metadata()).get(STATUS_DETAILS_KEY)
        assert packed is not None, (call.code(), call.details())
        info = error_details_pb2.ErrorInfo()
        assert status_pb2.Status.FromString(packed).details[0].Unpack(info)
        assert REASON.fullmatch(info.reason)


def streams(newest: int) -> SearchStrategy[tuple[list[bytes], str, int]]:
    """Return streams of a few frames, with a caller and a way; most begin with a frame that opens them."""
    known: dict[str, SearchStrategy[Any]] = {
        "stream_id": strategies.uuids().map(str),
        "sequence": strategies.integers(1, 5),
        # But not that of the neighbour.
        "session_id": strategies.integers(1, newest - 1),
        "session_ids": strategies.integers(1, newest - 1),
        "user_id": strategies.sampled_from([TUTOR, STUDENT, *(person.user_id for person in PEOPLE)]),
        "activity_type": strategies.sampled_from(["heartbeat", "draw", "type"]),
    }
    opening = strategies.uuids().map(lambda name: REQUEST(open=tracking_pb2.OpenStream(stream_id=str(name))))
    frames = strategies.lists(encoded(messages(REQUEST.DESCRIPTOR, known)), max_size=MAX_FRAMES)
    opened = strategies.builds(lambda first, rest: [first.SerializeToString(), *rest], opening, frames)
    return strategies.tuples(
        strategies.one_of(opened, opened, frames), strategies.sampled_from(CALLERS), strategies.integers(0, 1)
    )
