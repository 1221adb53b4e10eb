"""How many sockets one user may have and open."""

from __future__ import annotations

import pytest

from gateway.presence_socket import user_sockets
from gateway.presence_socket.protocol import CloseError, CloseReason
from gateway.presence_socket.user_sockets import UserSockets
from servicekit.identifiers import UserId

STUDENT, OTHER = UserId(201), UserId(202)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def open_and_close(sockets: UserSockets, user_id: UserId) -> None:
    with sockets.opened(user_id):
        pass


def is_refused(sockets: UserSockets, user_id: UserId) -> bool:
    try:
        open_and_close(sockets, user_id)
    except CloseError as error:
        return error.reason is CloseReason.TOO_MANY_SOCKETS
    return False


def test_a_user_may_have_so_many_sockets_and_others_have_their_own() -> None:
    sockets = UserSockets(limit=2, opens_per_minute=100)
    with sockets.opened(STUDENT):
        with sockets.opened(STUDENT):
            assert (is_refused(sockets, STUDENT), is_refused(sockets, OTHER)) == (True, False)
        assert not is_refused(sockets, STUDENT)


def test_a_user_may_open_so_many_sockets_a_minute() -> None:
    clock = Clock()
    sockets = UserSockets(limit=2, opens_per_minute=6, clock=clock)
    for _ in range(6):
        open_and_close(sockets, STUDENT)
    assert (is_refused(sockets, STUDENT), is_refused(sockets, OTHER)) == (True, False)
    clock.now += 10
    assert not is_refused(sockets, STUDENT)


def test_users_without_sockets_are_forgotten_and_those_with_sockets_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_sockets, "MAX_KNOWN", 2)
    clock = Clock()
    sockets = UserSockets(limit=1, opens_per_minute=1, clock=clock)
    with sockets.opened(STUDENT):
        open_and_close(sockets, OTHER)
        clock.now += 3600
        open_and_close(sockets, UserId(203))
        assert (is_refused(sockets, STUDENT), is_refused(sockets, OTHER)) == (True, False)
