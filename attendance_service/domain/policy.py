"""Policies: limits that were put in force, numbered, for everybody or for one course (docs/adr/0008)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.domain.limits import DEFAULT_LIMITS, Limits
from servicekit.auth.principal import RoleMissing
from servicekit.identifiers import CourseId, UserId

#: The policy that nobody created: the limits of DESIGN 7.
BUILT_IN_VERSION = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Limits under their number."""

    version: int
    limits: Limits
    #: None: of all courses that have none of their own.
    course_id: CourseId | None = None


BUILT_IN_POLICY = Policy(version=BUILT_IN_VERSION, limits=DEFAULT_LIMITS)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDraft:
    """What an admin wants in force."""

    course_id: CourseId | None
    #: None: the course (or everybody) is to be judged as if it had no policy.
    limits: Limits | None
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedPolicy:
    """A policy as it is kept for ever."""

    version: int
    course_id: CourseId | None = None
    #: None: withdrawn.
    limits: Limits | None
    note: str = ""
    #: None, as the two below: nobody created it.
    created_at: datetime | None = None
    created_by: UserId | None = None
    created_by_name: str = ""
    #: Whether no newer one replaces it.
    in_force: bool


def policy_in_force(newest: Iterable[Policy], courses: frozenset[CourseId]) -> Policy:
    """Return by which of the newest policies (one per course, one of all) a lesson in these courses is judged.

    A lesson in several courses of which more than one has its own policy follows the general one: neither course's
    rules were made for the other.
    """
    by_course = {policy.course_id: policy for policy in newest}
    own = [by_course[course] for course in courses if course in by_course]
    return own[0] if len(own) == 1 else by_course.get(None, BUILT_IN_POLICY)


def require_policy_admin(caller: Caller) -> None:
    """Raise RoleMissing unless an admin asks: the rules are for whoever runs the platform."""
    if caller.role is not CallerRole.ADMIN:
        raise RoleMissing("policies are for admins: switch to that role")
