"""What the harness tells a load process, and what that answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A line of a conversation."""

    model_config = ConfigDict(frozen=True)


class LoadPlan(Message):
    """Which streams to open, and who is on them. Answered with Ready."""

    address: str
    bearer: str
    streams: int
    #: The sessions 1 to n, spread evenly over the streams.
    sessions: int
    #: Who of each session beats.
    roles: tuple[Literal["tutor", "student"], ...] = ("tutor", "student")
    beats_per_message: int
    #: With this many events unacknowledged a stream waits.
    window: int
    #: Whether events tell when they were observed, as those of a relay do.
    stamped: bool = True


class RelayPlan(Message):
    """What a process with the relay client is to relay. Answered with Ready."""

    address: str
    bearer: str
    streams: int
    #: The sessions 1 to n, each with its tutor and its student.
    sessions: int


class Ready(Message):
    """The process is ready."""

    #: Where it listens, if it is a server.
    port: int = 0


class Join(Message):
    """Let everybody connect. Answered with Delivered."""

    kind: Literal["join"] = "join"
    #: Everybody who has joined beats once a cycle; in each cycle an equal share of the rest joins.
    cycles: int = 1
    #: None: as fast as the service takes it.
    cycle_seconds: float | None = None


class Beat(Message):
    """Let everybody who has joined beat, one after the other, again and again. Answered with Delivered."""

    kind: Literal["beat"] = "beat"
    seconds: float
    #: In which everybody beats once; None: as fast as the service takes it.
    cycle_seconds: float | None = None


class Keep(Message):
    """Hand so many heartbeats to the relay client, whether or not the service is there. Answered with Ready."""

    kind: Literal["keep"] = "keep"
    events: int


class Flush(Message):
    """Wait until everything is acknowledged. Answered with Delivered."""

    kind: Literal["flush"] = "flush"


class Tell(Message):
    """Ask for what was sent. Answered with Sent."""

    kind: Literal["tell"] = "tell"


class Run(Message):
    """Work for so long. Answered with Delivered."""

    seconds: float


class Delivered(Message):
    """What was taken in and acknowledged."""

    events: int
    #: From the first event to the last acknowledgement.
    seconds: float
    rejections: int = 0
    #: Over all streams.
    acknowledgements: int = 0
    #: Of the busiest stream.
    acknowledgements_per_second: float = 0.0
    #: From the moment at which a message was due to its acknowledgement, in milliseconds.
    latency_p50: float = 0.0
    latency_p99: float = 0.0
    latency_worst: float = 0.0


class Group(Message):
    """Participants who beat in one message: the same role in every n-th session."""

    role: Literal["tutor", "student"]
    first_session: int
    #: No session from here on.
    end_session: int
    step: int
    #: Their first and last sign of life, in microseconds since the epoch.
    first_at: int = 0
    last_at: int = 0

    @property
    def sessions(self) -> range:
        """Whose participants they are."""
        return range(self.first_session, self.end_session, self.step)


class Sent(Message):
    """Who beat, from when to when; rejections are not counted in."""

    groups: tuple[Group, ...]
    events: int
