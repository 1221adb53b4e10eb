"""Why a socket can't go on, and what its page is told: the table in docs/presence-socket.md."""

from __future__ import annotations

import inspect
from typing import ClassVar


class Closing(Exception):
    """Ends a socket. Its docstring is the sentence for people, unless a more precise one is given."""

    #: Close code; 4400 and above are this protocol's own, the others RFC 6455's.
    code: ClassVar[int]
    #: For programs, in the `error` message and in the close frame.
    reason: ClassVar[str]

    def __init__(self, message: str | None = None) -> None:
        """`message` reaches the page, so nothing internal belongs in it."""
        self.message = message or inspect.cleandoc(self.__doc__ or "").splitlines()[0]
        super().__init__(self.message)


class MessageInvalid(Closing):
    """The message can't be understood."""

    code = 4400
    reason = "MESSAGE_INVALID"


class UserTypeInvalid(Closing):
    """The user_type in the address must be `tutor` or `student`."""

    code = 4400
    reason = "USER_TYPE_INVALID"


class BearerMissing(Closing):
    """A token is needed: offer the subprotocols `astegni.presence.v1` and `bearer.<jwt>`."""

    code = 4401
    reason = "BEARER_MISSING"


class TokenInvalid(Closing):
    """The token is not valid; get a fresh one by logging in again."""

    code = 4401
    reason = "TOKEN_INVALID"


class NotAParticipant(Closing):
    """This user does not take part in this whiteboard session in this capacity."""

    code = 4403
    reason = "NOT_A_PARTICIPANT"


class IdentityMismatch(Closing):
    """The token does not grant the role that user_type claims."""

    code = 4403
    reason = "IDENTITY_MISMATCH"


class NotAPerson(Closing):
    """Only a person can be present, and the token stands for a service."""

    code = 4403
    reason = "NOT_A_PERSON"


class SessionNotFound(Closing):
    """There is no such whiteboard session."""

    code = 4404
    reason = "WHITEBOARD_SESSION_NOT_FOUND"


class TokenExpired(Closing):
    """The token has expired; come back with a fresh one."""

    code = 4408
    reason = "TOKEN_EXPIRED"


class Restarting(Closing):
    """The server restarts; come back."""

    code = 1012
    reason = "RESTARTING"


class TryAgainLater(Closing):
    """Too much waits for the tracking service to take anybody on; come back later."""

    code = 1013
    reason = "TRY_AGAIN_LATER"


#: Refusals of the tracking service after which a socket has no purpose, by their reason (docs/errors.md).
OF_REFUSAL: dict[str, type[Closing]] = {kind.reason: kind for kind in (NotAParticipant, SessionNotFound)}
