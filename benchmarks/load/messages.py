"""Requests to load processes and their answers, and the participants of a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

#: Session s has the tutor 2s and the student 2s + 1, so that indexes are as wide as in production.
USERS_PER_SESSION = 2

INSERT_SESSIONS = """
    -- The sessions of a measurement.
    INSERT INTO whiteboard_sessions (tutor_id, student_id)
    SELECT 2 * session, ARRAY[2 * session + 1] FROM generate_series({first}, {last}) AS session
"""


def user_id(session: int, role: str) -> int:
    """Return the id of the participant in a role of a session."""
    return USERS_PER_SESSION * session + (role == "student")


class Message(BaseModel):
    """A request to a child process, or its answer."""

    model_config = ConfigDict(frozen=True)


class StreamPlan(Message):
    """Which streams to open, and which participants send on them. Answered with Ready."""

    address: str
    bearer: str
    streams: int
    first_session: int = 1
    #: How many sessions from the first one on, spread evenly over the streams.
    sessions: int
    #: Which participants of each session send heartbeats.
    roles: tuple[Literal["tutor", "student"], ...] = ("tutor", "student")
    heartbeats_per_message: int
    #: A stream waits while so many events are unacknowledged.
    window: int
    #: Whether events carry the time of their observation, as those of a relay do.
    stamped: bool = True
    #: Whether heartbeats are sent as columns.
    as_columns: bool = False


class RelayPlan(Message):
    """What a process with the relay client is to relay. Answered with Ready."""

    address: str
    bearer: str
    streams: int
    first_session: int = 1
    #: How many from the first one on, each with its tutor and its student.
    sessions: int


class Ready(Message):
    """The process is ready."""

    #: Where it listens, if it is a server.
    port: int = 0


class Connect(Message):
    """Connect all participants. Answered with Delivered."""

    kind: Literal["connect"] = "connect"
    #: In each cycle an equal share connects; those who are connected send a heartbeat per cycle.
    cycles: int = 1
    #: None: as fast as the service accepts events.
    cycle_seconds: float | None = None


class SendHeartbeats(Message):
    """Send heartbeats of all connected participants, one after the other, again and again. Answered with Delivered."""

    kind: Literal["heartbeats"] = "heartbeats"
    seconds: float
    #: Each participant sends one heartbeat in this time; None: as fast as the service accepts events.
    cycle_seconds: float | None = None


class BufferHeartbeats(Message):
    """Pass heartbeats to the relay client, whether or not the service is up. Answered with Ready."""

    kind: Literal["buffer"] = "buffer"
    events: int


class RideOut(Message):
    """Pass heartbeats to the relay client at a steady rate, whatever becomes of the service. Answered with RodeOut."""

    kind: Literal["ride out"] = "ride out"
    seconds: float
    per_second: float


class Flush(Message):
    """Wait until everything is acknowledged. Answered with Delivered."""

    kind: Literal["flush"] = "flush"


class GetSent(Message):
    """Report what was sent. Answered with Sent."""

    kind: Literal["get sent"] = "get sent"


class Run(Message):
    """Work for so many seconds. Answered with Delivered."""

    seconds: float


class Noticed(Message):
    """Acknowledgements that were noticed."""

    #: On the clock of the machine (`time.monotonic`).
    at: float
    #: Heartbeats that were still unacknowledged.
    waiting: int


class RodeOut(Message):
    """What became of the heartbeats."""

    passed: int
    acknowledged: int
    rejections: int
    #: In order.
    acknowledgements: tuple[Noticed, ...]


class Delivered(Message):
    """What was sent and acknowledged."""

    events: int
    #: From the first event to the last acknowledgement.
    seconds: float
    rejections: int = 0
    #: Over all streams.
    acknowledgements: int = 0
    #: Of the busiest stream.
    acknowledgements_per_second: float = 0.0
    #: From the time at which a message was due to its acknowledgement, in milliseconds.
    latency_p50: float = 0.0
    latency_p99: float = 0.0
    latency_max: float = 0.0


class ParticipantGroup(Message):
    """Participants whose events are in one message: the same role in every n-th session."""

    role: Literal["tutor", "student"]
    first_session: int
    #: Exclusive.
    end_session: int
    step: int
    #: Times of their first and last event, in microseconds since the epoch.
    first_at: int = 0
    last_at: int = 0
    #: By how many microseconds the last event of each is later than that of the one before.
    apart: int = 0

    @property
    def sessions(self) -> range:
        """The sessions of the participants."""
        return range(self.first_session, self.end_session, self.step)


class Sent(Message):
    """What was sent, rejected events included."""

    groups: tuple[ParticipantGroup, ...]
    events: int


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the ordered values do not exceed; 0 if there are none."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
