"""Policies: the numbered sets of limits by which sessions are judged (docs/policies.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from attendance_service.domain.caller import Caller, CallerRole
from servicekit.auth.principal import RoleMissing
from servicekit.identifiers import CourseId, UserId

#: The built-in policy, which is no row of the table.
BUILT_IN_VERSION = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Where one status or confidence ends and the next begins; percentages are of the observed window."""

    #: Late from here on (the guide's 5 minutes).
    late_from: timedelta = timedelta(minutes=5)
    #: Past this, little engagement makes a late arrival an absence (the guide's 15 minutes).
    very_late_after: timedelta = timedelta(minutes=15)
    #: Absent below this (the guide's 30 %).
    absent_below_percent: int = 30
    #: Below this an absence has high confidence.
    clearly_absent_below_percent: int = 20
    #: Below this a very late person is absent.
    very_late_absent_below_percent: int = 40
    #: From here on engagement is medium (the guide's 40 %).
    medium_engagement_from_percent: int = 40
    #: From here on engagement is high (the guide's 70 %).
    high_engagement_from_percent: int = 70
    #: If more of the window than this is unknown, no status can be derived.
    cannot_know_above_percent: int = 50
    #: If more of the window than this is unobserved, confidence is lowered.
    unobserved_above_percent: int = 10
    #: A shorter window lowers confidence: single minutes weigh too much.
    short_window_below: timedelta = timedelta(minutes=15)
    #: This many reconnects lower confidence.
    many_reconnects_from: int = 3
    #: Closer than this to a limit of lateness lowers confidence: two heartbeats.
    lateness_margin: timedelta = timedelta(seconds=30)
    #: Closer than this to a limit of engagement lowers confidence, in points.
    engagement_margin_points: int = 2
    #: After this long alone, those who came on time need not wait any longer for the others.
    no_show_after: timedelta = timedelta(minutes=15)
    #: How long after a lesson, or the last decision about it, claims can be raised; 0: never.
    claim_within_days: int = 7
    #: Whether a parent's word on a child on whom a tutor or admin has decided is a claim, and not a decision.
    parent_word_becomes_claim: bool = False
    #: The tracking service's presence timeout.
    presence_timeout: timedelta = timedelta(seconds=75)

    @property
    def settling_time(self) -> timedelta:
        """How long after the end of a window facts may still change, because relays may hold events."""
        return 2 * self.presence_timeout

    def as_document(self) -> dict[str, float]:
        """Return every limit by name, durations in seconds."""
        values = {_documented_name(field): getattr(self, field.name) for field in fields(self)}
        return {
            name: value.total_seconds() if isinstance(value, timedelta) else value for name, value in values.items()
        }

    def as_policy(self) -> dict[str, float]:
        """Return what a policy sets: every limit but the presence timeout, which is the tracking service's."""
        document = self.as_document()
        del document["presence_timeout_seconds"]
        return document


def limits_of(document: Mapping[str, float]) -> Limits:
    """Return the limits of a document such as `as_document` returns; limits that it does not name are built in."""
    stated: dict[str, Any] = {}
    for field in fields(Limits):
        value = document.get(_documented_name(field))
        if value is not None:
            stated[field.name] = _value(field.default, value)
    return Limits(**stated)


def _value(default: object, documented: float) -> object:
    """Return a documented value in the type of the default."""
    if isinstance(default, timedelta):
        return timedelta(seconds=documented)
    return bool(documented) if isinstance(default, bool) else int(documented)


def _documented_name(field: Field[object]) -> str:
    return f"{field.name}_seconds" if isinstance(field.default, timedelta) else field.name


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Limits with their version."""

    version: int
    limits: Limits
    #: None: for all courses that have no policy of their own.
    course_id: CourseId | None = None


BUILT_IN_POLICY = Policy(version=BUILT_IN_VERSION, limits=DEFAULT_LIMITS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """A course of the platform, which a policy can be for."""

    id: CourseId
    #: Empty: the platform has none.
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyDraft:
    """The policy that an admin asks to create."""

    course_id: CourseId | None
    #: None: withdraw the course's policy, or the general one.
    limits: Limits | None
    note: str
    #: The newest one of the course, or the newest general one, that the admin saw; None: whichever it is.
    replaces_version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedPolicy:
    """A policy as it is kept for ever."""

    version: int
    course_id: CourseId | None = None
    #: None: withdrawn.
    limits: Limits | None
    note: str = ""
    #: None, like `created_by`: built in.
    created_at: datetime | None = None
    created_by: UserId | None = None
    created_by_name: str = ""
    #: Whether no newer one replaces it.
    in_force: bool


def policy_in_force(newest: Iterable[Policy], courses: frozenset[CourseId]) -> Policy:
    """Return the policy for a lesson in these courses, out of the newest ones (one per course, one for all).

    If several of the courses have a policy, the general one applies: no admin wrote a policy for both courses.
    """
    by_course = {policy.course_id: policy for policy in newest}
    own = [by_course[course] for course in courses if course in by_course]
    return own[0] if len(own) == 1 else by_course.get(None, BUILT_IN_POLICY)


def require_policy_admin(caller: Caller) -> None:
    """Raise RoleMissing unless the caller is an admin."""
    if caller.role is not CallerRole.ADMIN:
        raise RoleMissing("policies are for admins: switch to that role")
