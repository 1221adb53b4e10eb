"""What simulated people do next, and when: pure, by a seeded choice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import heapify, heapreplace
from typing import Final, NamedTuple

from heartbeat_relay import UserType

#: One in this many heartbeats is a stroke on the whiteboard.
HEARTBEATS_PER_STROKE: Final = 8
#: How long a lid stays closed, in presence timeouts: longer than one, so that presence ends.
CLOSED_FOR: Final = (1.2, 3.0)
#: How long who left by closing the page stays away, in seconds.
AWAY_FOR: Final = (5.0, 60.0)


class Person(NamedTuple):
    """A participant of a simulated session."""

    session_id: int
    user_id: int
    user_type: UserType


class Action(StrEnum):
    """What a person does, as far as a server sees it."""

    CONNECT = "connect"
    HEARTBEAT = "heartbeat"
    STROKE = "draw"
    DISCONNECT = "disconnect"


class Step(NamedTuple):
    """What happens when, in seconds since the beginning."""

    at: float
    person: Person
    action: Action


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How often what happens."""

    #: Seconds between two heartbeats of a person.
    interval: float
    #: The longest silence inside presence, in seconds.
    presence_timeout: float
    #: Seconds over which people come.
    ramp: float
    #: How likely it is that a person closes the lid of the laptop, or leaves, instead of a heartbeat.
    closes_lid: float = 0.0
    leaves: float = 0.0


def steps(people: list[Person], rhythm: Rhythm, *, seed: int = 0) -> Iterator[Step]:
    """Yield what everybody does, in order of time and without end."""
    choice = random.Random(seed)  # noqa: S311 - it makes examples, no secrets
    # Person by number, so that equal times never compare people.
    due = [(choice.uniform(0, rhythm.ramp), number, Action.CONNECT) for number in range(len(people))]
    heapify(due)
    while due:
        at, number, action = due[0]
        yield Step(at, people[number], action)
        heapreplace(due, (*_next(at, action, rhythm, choice, number),))


def _next(at: float, action: Action, rhythm: Rhythm, choice: random.Random, number: int) -> tuple[float, int, Action]:
    if action == Action.DISCONNECT:
        return at + choice.uniform(*AWAY_FOR), number, Action.CONNECT
    if choice.random() < rhythm.closes_lid:
        # Nobody says goodbye: the page is silent until the lid opens, and then connects anew.
        return at + rhythm.presence_timeout * choice.uniform(*CLOSED_FOR), number, Action.CONNECT
    if choice.random() < rhythm.leaves:
        return at + choice.uniform(0, rhythm.interval), number, Action.DISCONNECT
    is_stroke = choice.randrange(HEARTBEATS_PER_STROKE) == 0
    return at + rhythm.interval, number, Action.STROKE if is_stroke else Action.HEARTBEAT
