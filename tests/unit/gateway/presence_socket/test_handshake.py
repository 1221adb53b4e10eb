from __future__ import annotations

import pytest

from gateway.presence_socket import handshake
from gateway.presence_socket.closings import BearerMissing, Closing, SessionNotFound, UserTypeInvalid

OFFERED = ["astegni.presence.v1", "bearer.a.b.c"]


def test_an_address_and_a_token_make_a_handshake() -> None:
    assert handshake.read("/ws/whiteboard/7?user_type=tutor", OFFERED) == (7, "tutor", "a.b.c")


def test_the_role_may_be_left_out_and_other_parameters_are_passed_over() -> None:
    assert handshake.read("/ws/whiteboard/7?tab=2", OFFERED) == (7, None, "a.b.c")


@pytest.mark.parametrize("path", ["/ws/whiteboard/7", "/ws/whiteboard/7?user_type=tutor", "/ws/whiteboard/0"])
def test_the_address_of_a_session_is_one_of_a_socket(path: str) -> None:
    assert handshake.is_socket_address(path)


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
def test_any_other_is_not(path: str) -> None:
    assert not handshake.is_socket_address(path)


@pytest.mark.parametrize(
    ("target", "offered", "closing"),
    [
        ("/ws/whiteboard/0", OFFERED, SessionNotFound),
        ("/ws/whiteboard/2147483648", OFFERED, SessionNotFound),
        ("/ws/whiteboard/7?user_type=parent", OFFERED, UserTypeInvalid),
        ("/ws/whiteboard/7?user_type=", OFFERED, UserTypeInvalid),
        ("/ws/whiteboard/7?user_type=tutor&user_type=student", OFFERED, UserTypeInvalid),
        ("/ws/whiteboard/7", ["astegni.presence.v1"], BearerMissing),
        ("/ws/whiteboard/7", ["astegni.presence.v1", "bearer."], BearerMissing),
    ],
)
def test_what_is_wrong_is_named(target: str, offered: list[str], closing: type[Closing]) -> None:
    with pytest.raises(closing):
        handshake.read(target, offered)


def test_subprotocols_may_come_in_one_header_or_in_several() -> None:
    assert handshake.offered(["astegni.presence.v1, bearer.x", "other"]) == ["astegni.presence.v1", "bearer.x", "other"]
