"""The token of each call."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

#: A bearer token, or what makes a fresh one. A function is called in the event loop before each attempt to connect, so
#: it must not block; it may be a coroutine function.
Token: TypeAlias = str | Callable[[], str | Awaitable[str]]


class Bearer:
    """Gives a token to whoever connects."""

    def __init__(self, token: Token) -> None:
        """`token` is never logged."""
        self._token = token

    @property
    def is_renewable(self) -> bool:
        """Whether asking again may give another token."""
        return callable(self._token)

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the metadata of a call; raises whatever the user's function raises."""
        made = self._token() if callable(self._token) else self._token
        token = await made if inspect.isawaitable(made) else made
        # Files end with a newline, which no header may hold.
        return (("authorization", f"Bearer {token.strip()}"),)
