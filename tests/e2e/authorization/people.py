"""The people of the table: what they are to the lesson that is asked about."""

from __future__ import annotations

from development.authorization import Caller
from testkit.tokens import token
from tests.integration.attendance.platform import (
    ADMIN,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    PARENT,
    STUDENT,
    TUTOR,
    Platform,
)

SUBSTITUTE, CLASSMATES_PARENT = 103, 303
#: student_profiles.id of STUDENT, who is asked about.
STUDENT_PROFILE = 21
_MORE_PEOPLE = """
INSERT INTO users (id, first_name, father_name) VALUES (103, 'Sub', 'Stitute'), (303, 'Parent', 'Other');
INSERT INTO tutor_profiles (id, user_id, username) VALUES (13, 103, 'substitute');
UPDATE parent_profiles SET children_ids = '{}';
INSERT INTO parent_profiles (id, user_id, children_ids) VALUES (33, 303, '{22}');
"""
_IDENTITIES: dict[Caller, tuple[int | str, str]] = {
    Caller.TUTOR: (TUTOR, "tutor"),
    Caller.SUBSTITUTE: (SUBSTITUTE, "tutor"),
    Caller.OTHER_TUTOR: (OTHER_TUTOR, "tutor"),
    Caller.STUDENT: (STUDENT, "student"),
    Caller.CLASSMATE: (CLASSMATE, "student"),
    Caller.OTHER_STUDENT: (OTHER_STUDENT, "student"),
    Caller.PARENT: (PARENT, "parent"),
    Caller.CLASSMATES_PARENT: (CLASSMATES_PARENT, "parent"),
    Caller.OTHER_PARENT: (OTHER_PARENT, "parent"),
    Caller.ADMIN: (ADMIN, "admin"),
    Caller.SERVICE: ("whiteboard-server", "service"),
    Caller.OTHER_ROLE: (TUTOR, "advertiser"),
}


def add_people(platform: Platform) -> None:
    platform.reset()
    platform.run(_MORE_PEOPLE)


def bearer(caller: Caller) -> str:
    """Return a caller's token; empty: they have none."""
    return "" if caller is Caller.STRANGER else token(*_IDENTITIES[caller])


def headers(caller: Caller) -> dict[str, str]:
    """Return what identifies a caller."""
    return {} if caller is Caller.STRANGER else {"authorization": f"Bearer {bearer(caller)}"}


def user_of(caller: Caller) -> int:
    """Return the user whose presence the caller would report; a service, and a stranger, that of the student."""
    identity = _IDENTITIES.get(caller)
    return identity[0] if identity and isinstance(identity[0], int) else STUDENT
