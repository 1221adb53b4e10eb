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
from hypothesis.strategies import DrawFn, SearchStrategy

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
USERS = (TUTOR, STUDENT, *(person.user_id for person in PEOPLE))
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
        assert_ends_with_a_reason(call, is_refused_by_the_gateway=not bearer and channels[way] is channels[1])
        neighbour.beats()

    newest: Any = query(site.database, "SELECT max(id) FROM whiteboard_sessions")
    rounds.run(check, streams(newest[0][0]), short_round=SHORT_ROUND)


def assert_ends_with_a_reason(call: Any, *, is_refused_by_the_gateway: bool) -> None:  # noqa: ANN401 - gRPC has no type
    """Read a stream to its end; a refusal has one ErrorInfo, and is not that of a service that fails.

    What the gateway itself refuses has only a code.
    """
    try:
        for _ in call:
            pass
    except grpc.RpcError:
        assert call.code() not in SURPRISED, call.details()
        if is_refused_by_the_gateway:
            assert call.code() is grpc.StatusCode.UNAUTHENTICATED
            return
        packed = dict(call.trailing_metadata()).get(STATUS_DETAILS_KEY)
        assert packed is not None, (call.code(), call.details())
        info = error_details_pb2.ErrorInfo()
        assert status_pb2.Status.FromString(packed).details[0].Unpack(info)
        assert REASON.fullmatch(info.reason)


@strategies.composite
def streams(draw: DrawFn, newest: int) -> tuple[list[bytes], str, int]:
    """Return a stream of a few frames, with a caller and a way. Most are opened; about half of the frames fit."""
    # All but that of the neighbour.
    sessions = strategies.integers(1, newest - 1)
    known: dict[str, SearchStrategy[Any]] = {
        "sequence": strategies.integers(1, MAX_FRAMES),
        "session_id": sessions,
        "session_ids": sessions,
        "user_id": strategies.sampled_from(USERS),
        "activity_type": strategies.sampled_from(["heartbeat", "draw", "type"]),
    }
    anything = encoded(messages(REQUEST.DESCRIPTOR, known))
    # Never an id that was used before: Hypothesis would choose the same ones again.
    frames = [REQUEST(open=tracking_pb2.OpenStream(stream_id=str(uuid4()))).SerializeToString()]
    if draw(strategies.integers(0, 9)) == 0:
        frames.clear()
    numbers = range(1, draw(strategies.integers(0, MAX_FRAMES)) + 1)
    frames += [draw(strategies.one_of(_fitting(number, sessions), anything)) for number in numbers]
    return frames, draw(strategies.sampled_from(CALLERS)), draw(strategies.integers(0, 1))


def _fitting(sequence: int, sessions: SearchStrategy[int]) -> SearchStrategy[bytes]:
    """Return the event that a stream expects next; whether the caller may report it, is another matter."""
    events = strategies.builds(
        event,
        strategies.just(sequence),
        strategies.sampled_from(["connect", "heartbeat", "heartbeat", "disconnect"]),
        sessions,
        strategies.one_of(strategies.none(), strategies.sampled_from(USERS)),
        user_type=strategies.sampled_from(["tutor", "student"]),
        at=strategies.one_of(strategies.none(), strategies.datetimes()),
        connection_id=strategies.text("abc", max_size=80),
    )
    return events.map(lambda made: REQUEST(event=made).SerializeToString())
