"""Who waits is let in in order, some in each turn of the event loop; whom there is no room for is told at once."""

from __future__ import annotations

import asyncio

import pytest

from gateway.presence_socket import waiting_line
from gateway.presence_socket.waiting_line import WaitingLine


class Newcomer:
    """Notes what becomes of it."""

    def __init__(self, number: int, admitted: list[int]) -> None:
        self._number = number
        self._admitted = admitted
        self.is_turned_away = False

    def admit(self) -> None:
        self._admitted.append(self._number)

    def turn_away(self) -> None:
        self.is_turned_away = True


@pytest.fixture(autouse=True)
def two_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_line, "ADMISSIONS_PER_TURN", 2)


@pytest.fixture
def admitted() -> list[int]:
    return []


@pytest.fixture
def newcomers(admitted: list[int]) -> list[Newcomer]:
    return [Newcomer(number, admitted) for number in range(5)]


def a_line_of(newcomers: list[Newcomer], *, limit: int = 5) -> WaitingLine:
    line = WaitingLine(limit=limit)
    for newcomer in newcomers:
        line.join(newcomer)
    return line


async def test_so_many_are_let_in_each_turn_in_the_order_in_which_they_came(
    newcomers: list[Newcomer], admitted: list[int]
) -> None:
    a_line_of(newcomers)
    seen = []
    for _ in range(4):
        seen.append(list(admitted))
        await asyncio.sleep(0)
    assert seen == [[], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 4]]


async def test_whoever_left_is_passed_over(newcomers: list[Newcomer], admitted: list[int]) -> None:
    line = a_line_of(newcomers)
    line.leave(newcomers[1])
    await asyncio.sleep(0)
    assert admitted == [0, 2]


async def test_beyond_the_limit_newcomers_are_turned_away_at_once(newcomers: list[Newcomer]) -> None:
    a_line_of(newcomers, limit=3)
    assert [newcomer.is_turned_away for newcomer in newcomers] == [False, False, False, True, True]


async def test_there_is_room_again_once_somebody_was_let_in(newcomers: list[Newcomer], admitted: list[int]) -> None:
    line = a_line_of(newcomers[:2], limit=2)
    await asyncio.sleep(0)
    line.join(newcomers[2])
    await asyncio.sleep(0)
    assert admitted == [0, 1, 2]


async def test_a_line_that_closes_turns_everybody_away_and_lets_nobody_in(
    newcomers: list[Newcomer], admitted: list[int]
) -> None:
    line = a_line_of(newcomers[:4])
    line.close()
    line.join(newcomers[4])
    await asyncio.sleep(0)
    assert all(newcomer.is_turned_away for newcomer in newcomers)
    assert admitted == []
