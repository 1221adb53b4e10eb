"""From what a page asks for to whose presence its socket is."""

from __future__ import annotations

from gateway.presence_socket import closings
from gateway.presence_socket.attendee import Attendee
from gateway.presence_socket.handshake import Handshake, as_user_type
from heartbeat_relay import UserType
from servicekit.auth import verifier
from servicekit.auth.principal import NotAPerson, Principal
from servicekit.auth.verifier import TokenVerifier


def attendee(handshake: Handshake, tokens: TokenVerifier) -> Attendee:
    """Verify the token and return who it is; TokenInvalid, TokenExpired, NotAPerson, IdentityMismatch.

    Whether they take part in the session, the tracking service decides.
    """
    principal = _verified(handshake.token, tokens)
    try:
        user_id = principal.require_person()
    except NotAPerson:
        raise closings.NotAPerson from None
    return Attendee(handshake.session_id, user_id, _role(handshake.user_type, principal), principal.expires_at)


def _verified(token: str, tokens: TokenVerifier) -> Principal:
    try:
        return tokens.verify(token)
    except verifier.TokenExpired:
        raise closings.TokenExpired from None
    except verifier.TokenInvalid as error:
        raise closings.TokenInvalid(error.message) from None


def _role(wished: UserType | None, principal: Principal) -> UserType:
    role = wished or as_user_type(principal.role)
    if role is None:
        raise closings.IdentityMismatch("the token's role takes part in no session: say user_type=tutor or student")
    if role not in principal.roles:
        raise closings.IdentityMismatch(f"the token does not grant the role {role!r} that user_type claims")
    return role
