"""Recording policies and reading them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import CallerUnknown, CourseNotFound, PolicyChanged, PolicyNotFound
from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.policy import (
    BUILT_IN_POLICY,
    BUILT_IN_VERSION,
    Policy,
    PolicyDraft,
    RecordedPolicy,
    limits_of,
    policy_in_force,
)
from attendance_service.store.decisions import CALLER_EXISTS
from attendance_service.store.executor import DatabaseExecutor, select
from servicekit.database import arrays
from servicekit.identifiers import CourseId

#: The newest policy of each of some courses, and the newest general one; a withdrawn policy is none.
NEWEST_POLICIES = text("""
SELECT course_id, version, limits
FROM (
    (SELECT course_id, version, limits FROM attendance_policies
     WHERE course_id IS NULL ORDER BY version DESC LIMIT 1)
    UNION ALL
    SELECT policy.course_id, policy.version, policy.limits
    FROM unnest(CAST(:courses AS integer[])) AS course (id)
    CROSS JOIN LATERAL (SELECT course_id, version, limits FROM attendance_policies
                        WHERE course_id = course.id ORDER BY version DESC LIMIT 1) AS policy
) AS newest
WHERE limits IS NOT NULL
""")

_POLICIES = """
SELECT policy.version, policy.course_id, policy.limits, policy.note, policy.created_at, policy.created_by,
       btrim(concat_ws(' ', creator.first_name, creator.father_name)) AS created_by_name,
       NOT EXISTS (SELECT FROM attendance_policies AS newer
                   WHERE newer.course_id IS NOT DISTINCT FROM policy.course_id AND newer.version > policy.version)
           AS in_force
FROM attendance_policies AS policy
LEFT JOIN users AS creator ON creator.id = policy.created_by
"""

#: One policy.
POLICY = text(f"{_POLICIES} WHERE policy.version = :version")

#: Policies (with `:course`: those for this course), newest first, below the last one of the page before.
POLICIES = text(f"""{_POLICIES}
WHERE (CAST(:course AS integer) IS NULL OR policy.course_id = CAST(:course AS integer))
  AND (CAST(:before AS integer) IS NULL OR policy.version < CAST(:before AS integer))
ORDER BY policy.version DESC
LIMIT :page_size
""")

#: Whether the built-in limits apply to courses without a policy: no general policy replaces them, or no longer.
BUILT_IN_IN_FORCE = text("""
SELECT COALESCE((SELECT limits IS NULL FROM attendance_policies
                 WHERE course_id IS NULL ORDER BY version DESC LIMIT 1), TRUE)
""")

#: The course of a policy must exist, and so must the user who creates it (CALLER_EXISTS).
COURSE_EXISTS = text("SELECT EXISTS (SELECT FROM courses WHERE id = :course)")

#: Key of the lock under which policies are created, so that of two that replace the same one, one is refused. An
#: arbitrary number that no other program should use.
_CREATING_KEY = 4_702_111_234_474_983_746
_LOCK_CREATING = text("SELECT pg_advisory_xact_lock(:key)")

#: The newest policy of exactly this scope, withdrawn or not; 0: there is none.
NEWEST_VERSION = text("""
SELECT COALESCE(max(version), 0) FROM attendance_policies
WHERE course_id IS NOT DISTINCT FROM CAST(:course AS integer)
""")

INSERT_POLICY = text("""
INSERT INTO attendance_policies (course_id, created_by, limits, note)
VALUES (:course, :caller, CAST(:limits AS jsonb), :note)
RETURNING version
""")


class PolicyStore:
    """The append-only record of policies."""

    def __init__(self, executor: DatabaseExecutor, presence_timeout: timedelta) -> None:
        """`presence_timeout` is a setting of the tracking service; no policy changes it."""
        self._executor = executor
        self._presence_timeout = presence_timeout

    async def in_force(self, courses: frozenset[CourseId]) -> Policy:
        """Return the policy for a lesson in these courses."""
        [policy] = await self.in_force_for_each([courses])
        return policy

    async def in_force_for_each(self, lessons: Sequence[frozenset[CourseId]]) -> list[Policy]:
        """Return the policy for each of some lessons, by the courses of each."""
        courses = arrays.integers(frozenset().union(*lessons))
        newest = await self._executor.read(select(NEWEST_POLICIES, {"courses": courses}, _in_force))
        return [self._with_timeout(policy_in_force(newest, lesson)) for lesson in lessons]

    async def get(self, version: int) -> RecordedPolicy:
        """Return one policy; PolicyNotFound."""
        if version == BUILT_IN_VERSION:
            return await self._executor.read(_built_in)
        return await self._executor.read(lambda connection: _policy(connection, version))

    async def page(self, course: CourseId | None, page: PageRequest[int]) -> Page[RecordedPolicy, int]:
        """Return policies, newest first: of one course, or (None) all, the built-in one included."""
        parameters = {"course": course, "before": page.after, "page_size": page.fetch_size}

        def policies_in(connection: Connection) -> list[RecordedPolicy]:
            policies = [_recorded(row) for row in connection.execute(POLICIES, parameters).mappings()]
            complete = page.fetch_size is None or len(policies) < page.fetch_size
            return [*policies, _built_in(connection)] if complete and course is None else policies

        return page.page(await self._executor.read(policies_in), lambda policy: policy.version)

    async def create(self, draft: PolicyDraft, caller: Caller) -> RecordedPolicy:
        """Record a policy, which is in force from then on.

        Raises:
            CallerUnknown: there is no such user.
            CourseNotFound: there is no such course.
            PolicyChanged: it was to replace another one than the newest.
        """

        def create_in(connection: Connection) -> RecordedPolicy:
            _require(connection, CALLER_EXISTS, {"caller": caller.user_id}, CallerUnknown())
            if draft.course_id is not None:
                missing = CourseNotFound(metadata={"course_id": str(draft.course_id)})
                _require(connection, COURSE_EXISTS, {"course": draft.course_id}, missing)
            connection.execute(_LOCK_CREATING, {"key": _CREATING_KEY})
            newest = connection.execute(NEWEST_VERSION, {"course": draft.course_id}).scalar_one()
            if draft.replaces_version not in {None, newest}:
                raise PolicyChanged
            version = connection.execute(INSERT_POLICY, _row(draft, caller)).scalar_one()
            return _policy(connection, version)

        return await self._executor.run(create_in)

    def _with_timeout(self, policy: Policy) -> Policy:
        return replace(policy, limits=replace(policy.limits, presence_timeout=self._presence_timeout))


def _in_force(row: RowMapping) -> Policy:
    return Policy(version=row["version"], course_id=row["course_id"], limits=limits_of(row["limits"]))


def _require(connection: Connection, condition: TextClause, parameters: dict[str, Any], missing: Exception) -> None:
    if not connection.execute(condition, parameters).scalar_one():
        raise missing


def _row(draft: PolicyDraft, caller: Caller) -> dict[str, Any]:
    return {
        "course": draft.course_id,
        "caller": caller.user_id,
        "limits": None if draft.limits is None else json.dumps(draft.limits.as_policy()),
        "note": draft.note,
    }


def _policy(connection: Connection, version: int) -> RecordedPolicy:
    row = connection.execute(POLICY, {"version": version}).mappings().first()
    if row is None:
        raise PolicyNotFound(metadata={"version": str(version)})
    return _recorded(row)


def _recorded(row: RowMapping) -> RecordedPolicy:
    return RecordedPolicy(**{**row, "limits": None if row["limits"] is None else limits_of(row["limits"])})


def _built_in(connection: Connection) -> RecordedPolicy:
    in_force = connection.execute(BUILT_IN_IN_FORCE).scalar_one()
    return RecordedPolicy(version=BUILT_IN_VERSION, limits=BUILT_IN_POLICY.limits, in_force=in_force)
