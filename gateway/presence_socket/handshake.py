"""What a page asks for when it opens a socket. No token is verified here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from gateway.presence_socket.closings import BearerMissing, SessionNotFound, UserTypeInvalid
from heartbeat_relay import UserType
from servicekit.identifiers import MAX_ID, WhiteboardSessionId

#: The one that is answered.
SUBPROTOCOL = "astegni.presence.v1"
#: Begins the one that carries the token, for browsers can send no header of their own here.
_BEARER = "bearer."
_PATH = re.compile(r"/ws/whiteboard/([0-9]{1,10})")
_USER_TYPES: dict[str, UserType] = {"tutor": "tutor", "student": "student"}


class Handshake(NamedTuple):
    """A page's wish, well-formed but not judged yet."""

    session_id: WhiteboardSessionId
    #: None: the active role of the token.
    user_type: UserType | None
    token: str


def is_socket_address(target: str) -> bool:
    """Tell whether a request's target is that of a presence socket."""
    return _PATH.fullmatch(urlsplit(target).path) is not None


def read(target: str, subprotocols: Iterable[str]) -> Handshake:
    """Read the address, for which `is_socket_address` holds, and the offered subprotocols.

    SessionNotFound for a number that no session can have, UserTypeInvalid, BearerMissing.
    """
    address = urlsplit(target)
    return Handshake(_session_id(address.path), _user_type(address.query), _token(subprotocols))


def offered(headers: Iterable[str]) -> list[str]:
    """Return the subprotocols that the values of sec-websocket-protocol list."""
    return [name.strip() for header in headers for name in header.split(",")]


def as_user_type(word: str) -> UserType | None:
    """Return a role as one in which people take part in sessions; None for any other."""
    return _USER_TYPES.get(word)


def _session_id(path: str) -> WhiteboardSessionId:
    found = _PATH.fullmatch(path)
    number = int(found[1]) if found else 0
    if not 0 < number <= MAX_ID:
        raise SessionNotFound
    return WhiteboardSessionId(number)


def _user_type(query: str) -> UserType | None:
    words = parse_qs(query, keep_blank_values=True).get("user_type", [])
    if not words:
        return None
    user_type = as_user_type(words[0])
    if user_type is None or len(words) > 1:
        raise UserTypeInvalid
    return user_type


def _token(subprotocols: Iterable[str]) -> str:
    for name in subprotocols:
        if name.startswith(_BEARER) and len(name) > len(_BEARER):
            return name.removeprefix(_BEARER)
    raise BearerMissing
