"""Tokens like the platform's, for tests."""

from __future__ import annotations

from datetime import timedelta

from servicekit.auth.issuer import issue_token
from servicekit.clock import SystemClock

#: Signs every token of the tests.
SECRET = "a secret for tests that is long enough for HS256"  # noqa: S105 - made for tests


def token(user: int | str, role: str, *, lifetime: timedelta = timedelta(hours=1)) -> str:
    """Return a token of a user in a role; a negative lifetime makes an expired one."""
    return issue_token(SECRET, subject=str(user), role=role, clock=SystemClock(), lifetime=lifetime)


def metadata(bearer: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a gRPC call with this token."""
    return (("authorization", f"Bearer {bearer}"),)
