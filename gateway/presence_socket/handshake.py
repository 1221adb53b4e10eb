"""What a page asks for when it opens a socket, and whose presence the socket is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers

from gateway.presence_socket.protocol import CloseError, CloseReason
from heartbeat_relay import UserType
from servicekit.auth.principal import NotAPerson, Principal
from servicekit.auth.verifier import TokenVerifier
from servicekit.clock import Instant
from servicekit.correlation import REQUEST_ID, TRACEPARENT, Correlation, correlation_of
from servicekit.errors import Unauthenticated
from servicekit.identifiers import MAX_ID, UserId, WhiteboardSessionId

#: Prefix of the subprotocol that carries the token: browsers can't send an authorization header with a WebSocket.
_BEARER = "bearer."
#: The path of every presence socket, as traces name it.
ROUTE = "/ws/whiteboard/{session_id}"
_PATH = re.compile(r"/ws/whiteboard/([0-9]{1,10})")
_USER_TYPES: dict[str, UserType] = {"tutor": "tutor", "student": "student"}


class HandshakeRequest(NamedTuple):
    """A well-formed request; its token is not verified yet."""

    session_id: WhiteboardSessionId
    #: None: the active role of the token.
    user_type: UserType | None
    token: str


class Participant(NamedTuple):
    """A user in a role of a whiteboard session. Whether they take part in it, the tracking service decides."""

    session_id: WhiteboardSessionId
    user_id: UserId
    user_type: UserType
    token_expires_at: Instant


def correlation(headers: Headers) -> Correlation:
    """Return the ids that the gateway gave to the request."""
    return correlation_of((name, value) for name in (REQUEST_ID, TRACEPARENT) for value in headers.get_all(name))


def is_socket_path(target: str) -> bool:
    """Return whether a request's target is a presence socket."""
    return _PATH.fullmatch(urlsplit(target).path) is not None


def offered_subprotocols(headers: Iterable[str]) -> list[str]:
    """Return the subprotocols that the values of the `sec-websocket-protocol` headers list."""
    return [name.strip() for header in headers for name in header.split(",")]


def read_request(target: str, subprotocols: Iterable[str]) -> HandshakeRequest:
    """Read a target for which `is_socket_path` is true, and the offered subprotocols.

    Raises:
        CloseError: WHITEBOARD_SESSION_NOT_FOUND for a number that no session can have, USER_TYPE_INVALID or
            BEARER_MISSING.
    """
    address = urlsplit(target)
    return HandshakeRequest(_session_id(address.path), _user_type(address.query), _token(subprotocols))


def authenticate(request: HandshakeRequest, tokens: TokenVerifier) -> Participant:
    """Verify the token and return its user as a participant.

    Raises:
        CloseError: TOKEN_INVALID, TOKEN_EXPIRED, NOT_A_PERSON or IDENTITY_MISMATCH.
    """
    try:
        principal = tokens.verify(request.token)
        user_id = principal.require_person()
    except (Unauthenticated, NotAPerson) as error:
        raise CloseError(CloseReason[error.reason], error.message) from None
    return Participant(request.session_id, user_id, _granted_role(request.user_type, principal), principal.expires_at)


def _session_id(path: str) -> WhiteboardSessionId:
    match = _PATH.fullmatch(path)
    number = int(match[1]) if match else 0
    if not 0 < number <= MAX_ID:
        raise CloseError(CloseReason.WHITEBOARD_SESSION_NOT_FOUND)
    return WhiteboardSessionId(number)


def _user_type(query: str) -> UserType | None:
    values = parse_qs(query, keep_blank_values=True).get("user_type", [])
    if not values:
        return None
    user_type = _USER_TYPES.get(values[0])
    if user_type is None or len(values) > 1:
        raise CloseError(CloseReason.USER_TYPE_INVALID)
    return user_type


def _token(subprotocols: Iterable[str]) -> str:
    for name in subprotocols:
        if name.startswith(_BEARER) and len(name) > len(_BEARER):
            return name.removeprefix(_BEARER)
    raise CloseError(CloseReason.BEARER_MISSING)


def _granted_role(requested: UserType | None, principal: Principal) -> UserType:
    role = requested or _USER_TYPES.get(principal.role)
    if role is None:
        raise CloseError(
            CloseReason.IDENTITY_MISMATCH,
            "the token's active role takes part in no session: add user_type=tutor or user_type=student",
        )
    if role not in principal.roles:
        raise CloseError(
            CloseReason.IDENTITY_MISMATCH, f"the token does not grant the role {role!r} that user_type claims"
        )
    return role
