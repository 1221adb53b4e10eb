from __future__ import annotations

import pytest

from gateway.presence_socket import handshake
from gateway.presence_socket.protocol import CloseError, CloseReason

OFFERED = ["astegni.presence.v1", "bearer.a.b.c"]


def test_a_request_has_a_session_a_role_and_a_token() -> None:
    assert handshake.read_request("/ws/whiteboard/7?user_type=tutor", OFFERED) == (7, "tutor", "a.b.c")


def test_the_role_is_optional_and_other_parameters_are_ignored() -> None:
    assert handshake.read_request("/ws/whiteboard/7?tab=2", OFFERED) == (7, None, "a.b.c")


@pytest.mark.parametrize("path", ["/ws/whiteboard/7", "/ws/whiteboard/7?user_type=tutor", "/ws/whiteboard/0"])
def test_a_path_with_a_session_number_is_a_socket(path: str) -> None:
    assert handshake.is_socket_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ws/whiteboard/",
        "/ws/whiteboard/x",
        "/ws/whiteboard/7/",
        "/ws/whiteboard/12345678901",
        "/a/ws/whiteboard/7",
    ],
)
def test_any_other_path_is_not_a_socket(path: str) -> None:
    assert not handshake.is_socket_path(path)


@pytest.mark.parametrize(
    ("target", "offered", "reason"),
    [
        ("/ws/whiteboard/0", OFFERED, CloseReason.WHITEBOARD_SESSION_NOT_FOUND),
        ("/ws/whiteboard/2147483648", OFFERED, CloseReason.WHITEBOARD_SESSION_NOT_FOUND),
        ("/ws/whiteboard/7?user_type=parent", OFFERED, CloseReason.USER_TYPE_INVALID),
        ("/ws/whiteboard/7?user_type=", OFFERED, CloseReason.USER_TYPE_INVALID),
        ("/ws/whiteboard/7?user_type=tutor&user_type=student", OFFERED, CloseReason.USER_TYPE_INVALID),
        ("/ws/whiteboard/7", ["astegni.presence.v1"], CloseReason.BEARER_MISSING),
        ("/ws/whiteboard/7", ["astegni.presence.v1", "bearer."], CloseReason.BEARER_MISSING),
    ],
)
def test_a_bad_request_is_closed_with_its_reason(target: str, offered: list[str], reason: CloseReason) -> None:
    with pytest.raises(CloseError) as closed:
        handshake.read_request(target, offered)
    assert closed.value.reason is reason


def test_subprotocols_may_come_in_one_header_or_in_several() -> None:
    offered = handshake.offered_subprotocols(["astegni.presence.v1, bearer.x", "other"])
    assert offered == ["astegni.presence.v1", "bearer.x", "other"]
