"""Who sends: every person of the demo, a service, and somebody without a token."""

from __future__ import annotations

from development.demo.people import PEOPLE
from testkit.tokens import token
from tests.e2e.pages.site import token_of

SERVICE, STRANGER = "a service", "a stranger"
#: By a name, which is shown when a test fails.
TOKENS = {
    **{f"{person.role} {person.user_id}": token_of(person) for person in PEOPLE},
    SERVICE: token("whiteboard-server", "service"),
    STRANGER: "",
}
CALLERS = tuple(TOKENS)
