"""Connections are admitted in order, a few in each iteration of the event loop, or rejected if the queue is full."""

from __future__ import annotations

import asyncio

import pytest

from gateway.presence_socket import admission
from gateway.presence_socket.admission import AdmissionQueue


class FakeConnection:
    """Records whether it was admitted or rejected."""

    is_one_too_many = False

    def __init__(self, number: int, admitted: list[int]) -> None:
        self._number = number
        self._admitted = admitted
        self.is_rejected = False

    @property
    def address(self) -> str:
        return f"192.0.2.{self._number}"

    def admit(self) -> None:
        self._admitted.append(self._number)

    def reject(self) -> None:
        self.is_rejected = True


@pytest.fixture(autouse=True)
def two_admissions_per_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "ADMISSIONS_PER_ITERATION", 2)


@pytest.fixture
def admitted() -> list[int]:
    return []


@pytest.fixture
def connections(admitted: list[int]) -> list[FakeConnection]:
    return [FakeConnection(number, admitted) for number in range(5)]


def queue_of(
    connections: list[FakeConnection], *, limit: int = 5, refused: list[tuple[str, str]] | None = None
) -> AdmissionQueue:
    refused = [] if refused is None else refused
    queue = AdmissionQueue(limit=limit, on_refused=lambda reason, address: refused.append((reason, address)))
    for connection in connections:
        queue.join(connection)
    return queue


async def test_connections_are_admitted_in_the_order_in_which_they_came(
    connections: list[FakeConnection], admitted: list[int]
) -> None:
    queue_of(connections)
    after_each_iteration = []
    for _ in range(4):
        after_each_iteration.append(list(admitted))
        await asyncio.sleep(0)
    assert after_each_iteration == [[], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4]]


async def test_a_connection_that_left_the_queue_is_not_admitted(
    connections: list[FakeConnection], admitted: list[int]
) -> None:
    queue = queue_of(connections)
    queue.leave(connections[1])
    await asyncio.sleep(0)
    assert admitted == [0, 2]


async def test_a_full_queue_rejects_connections_at_once(connections: list[FakeConnection]) -> None:
    refused: list[tuple[str, str]] = []
    queue_of(connections, limit=3, refused=refused)
    assert [connection.is_rejected for connection in connections] == [False, False, False, True, True]
    assert refused == [("QUEUE_FULL", "192.0.2.3"), ("QUEUE_FULL", "192.0.2.4")]


async def test_an_admission_makes_room_in_the_queue(connections: list[FakeConnection], admitted: list[int]) -> None:
    queue = queue_of(connections[:2], limit=2)
    await asyncio.sleep(0)
    queue.join(connections[2])
    await asyncio.sleep(0)
    assert admitted == [0, 1, 2]


async def test_a_closed_queue_rejects_waiting_and_new_connections(
    connections: list[FakeConnection], admitted: list[int]
) -> None:
    queue = queue_of(connections[:4])
    queue.close()
    queue.join(connections[4])
    await asyncio.sleep(0)
    assert all(connection.is_rejected for connection in connections)
    assert admitted == []
