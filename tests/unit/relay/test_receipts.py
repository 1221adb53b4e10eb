from __future__ import annotations

from functools import partial

from heartbeat_relay.receipts import Receipts


def told(receipts: Receipts, answered: int) -> None:
    for tell in receipts.settle(answered):
        tell()


def test_whoever_waits_is_told_when_their_event_is_answered_for() -> None:
    receipts, heard = Receipts(), list[int]()
    receipts.expect(3, partial(heard.append, 3))
    told(receipts, 2)
    assert heard == []
    told(receipts, 3)
    assert heard == [3]


def test_everybody_is_told_once_and_in_order() -> None:
    receipts, heard = Receipts(), list[int]()
    for place in (1, 4, 9):
        receipts.expect(place, partial(heard.append, place))
    for answered in (5, 5, 20):
        told(receipts, answered)
    assert heard == [1, 4, 9]


def test_one_who_is_told_may_hand_over_the_next_event() -> None:
    receipts, heard = Receipts(), list[int]()

    def ask_again() -> None:
        heard.append(1)
        receipts.expect(2, partial(heard.append, 2))

    receipts.expect(1, ask_again)
    told(receipts, 1)
    told(receipts, 2)
    assert heard == [1, 2]
