"""Nobody waits for a server that is known to hang, but for one at a time (docs/several-databases.md)."""

from __future__ import annotations

import pytest

from servicekit.errors import StorageConflict, StorageUnavailable
from tracking_service.store import shards
from tracking_service.store.shards import MAX_ANSWER_SECONDS, SILENCE_SECONDS, SilentServers

FIRST, SECOND = 1, 2


class Seconds:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    clock = Seconds()
    monkeypatch.setattr(shards, "time", clock)
    return clock


@pytest.fixture
def silent(clock: Seconds) -> SilentServers:
    """Return servers of which the first one did not answer in time."""
    silent = SilentServers()
    fail(silent, clock, MAX_ANSWER_SECONDS)
    return silent


def fail(silent: SilentServers, clock: Seconds, seconds: float, error: type[Exception] = StorageUnavailable) -> None:
    def ask() -> None:
        with silent.asking(FIRST):
            clock.now += seconds
            raise error

    with pytest.raises(error):
        ask()


def is_asked(silent: SilentServers, server: int) -> bool:
    try:
        with silent.asking(server):
            return True
    except StorageUnavailable:
        return False


def test_one_that_does_not_answer_is_left_alone_and_others_are_not(silent: SilentServers) -> None:
    assert not is_asked(silent, FIRST)
    assert is_asked(silent, SECOND)


def test_after_some_time_one_asks_and_the_others_do_not_wait_for_it(silent: SilentServers, clock: Seconds) -> None:
    clock.now += SILENCE_SECONDS
    with silent.asking(FIRST):
        assert not is_asked(silent, FIRST)
    assert is_asked(silent, FIRST)
    assert is_asked(silent, FIRST)


def test_whoever_asks_in_vain_leaves_it_alone_for_as_long_again(silent: SilentServers, clock: Seconds) -> None:
    clock.now += SILENCE_SECONDS
    fail(silent, clock, MAX_ANSWER_SECONDS)
    clock.now += SILENCE_SECONDS - 1
    assert not is_asked(silent, FIRST)
    clock.now += 1
    assert is_asked(silent, FIRST)


def test_one_that_refuses_at_once_holds_up_nobody_and_is_asked_again(clock: Seconds) -> None:
    silent = SilentServers()
    fail(silent, clock, 0.1)
    assert is_asked(silent, FIRST)


@pytest.mark.parametrize("error", [StorageConflict, KeyError])
def test_one_that_has_answered_is_not_silent_whatever_else_fails(
    silent: SilentServers, clock: Seconds, error: type[Exception]
) -> None:
    clock.now += SILENCE_SECONDS
    fail(silent, clock, MAX_ANSWER_SECONDS, error)
    assert is_asked(silent, FIRST)
