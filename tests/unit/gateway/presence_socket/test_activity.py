from __future__ import annotations

from gateway.presence_socket.activity import ActivityCount


def test_the_first_of_a_word_in_a_second_is_recorded_and_the_others_are_folded_into_it() -> None:
    count = ActivityCount()
    assert [count.take("draw", 1), count.take("draw", 1), count.take("type", 1), count.take("draw", 2)] == [
        True,
        False,
        True,
        True,
    ]


def test_what_is_folded_is_settled_with_what_it_was_folded_into() -> None:
    count = ActivityCount()
    for _ in range(3):
        count.take("draw", 1)
    assert count.settled == 0
    count.answered()
    assert count.settled == 3


def test_what_is_folded_into_something_settled_is_settled_at_once() -> None:
    count = ActivityCount()
    count.take("draw", 1)
    count.answered()
    count.take("draw", 1)
    assert count.settled == 2


def test_settled_is_what_comes_before_the_first_that_waits() -> None:
    count = ActivityCount()
    for word in ("draw", "type", "erase"):
        count.take(word, 1)
    count.answered()
    assert count.settled == 1


def test_news_is_told_once() -> None:
    count = ActivityCount()
    count.take("draw", 1)
    assert count.news() is None
    count.answered()
    assert [count.news(), count.news()] == [1, None]
