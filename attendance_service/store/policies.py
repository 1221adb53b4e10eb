"""Recording policies, and reading them back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause
from sqlalchemy.engine import Connection

from attendance_service.domain.caller import Caller
from attendance_service.domain.errors import CallerUnknown, CourseNotFound, PolicyNotFound
from attendance_service.domain.limits import limits_of
from attendance_service.domain.policy import (
    BUILT_IN_POLICY,
    BUILT_IN_VERSION,
    Policy,
    PolicyDraft,
    RecordedPolicy,
    policy_in_force,
)
from attendance_service.store.decision_statements import CALLER_EXISTS
from attendance_service.store.policy_statements import (
    BUILT_IN_COUNTS,
    COURSE_EXISTS,
    INSERT_POLICY,
    NEWEST_POLICIES,
    POLICIES,
    POLICY,
)
from servicekit.database import arrays
from servicekit.database.engine import Database
from servicekit.identifiers import CourseId


class PolicyStore:
    """The append-only record of policies."""

    def __init__(self, database: Database, presence_timeout: timedelta) -> None:
        """`presence_timeout` is the tracking service's: a setting of the platform, and no policy's business."""
        self._database = database
        self._presence_timeout = presence_timeout

    def in_force(self, courses: frozenset[CourseId]) -> Policy:
        """Return by which policy a lesson in these courses is judged."""
        with self._database.transaction() as connection:
            rows = connection.execute(NEWEST_POLICIES, {"courses": arrays.integers(courses)}).all()
        newest = [Policy(version=row.version, course_id=row.course_id, limits=limits_of(row.limits)) for row in rows]
        policy = policy_in_force(newest, courses)
        return replace(policy, limits=replace(policy.limits, presence_timeout=self._presence_timeout))

    def get(self, version: int) -> RecordedPolicy:
        """Return one policy; PolicyNotFound."""
        with self._database.transaction() as connection:
            return _built_in(connection) if version == BUILT_IN_VERSION else _policy(connection, version)

    def page(self, *, course: CourseId | None, before: int | None, size: int) -> tuple[RecordedPolicy, ...]:
        """Return policies (with a course: those for it) below a version, newest first; of all, the built-in one too."""
        parameters = {"course": course, "before": before, "page_size": size}
        with self._database.transaction() as connection:
            found = tuple(_recorded(row) for row in connection.execute(POLICIES, parameters).mappings())
            complete = len(found) < size and course is None
            return (*found, _built_in(connection)) if complete else found

    def create(self, draft: PolicyDraft, caller: Caller) -> RecordedPolicy:
        """Record a policy, which is in force from then on; CallerUnknown, CourseNotFound."""
        with self._database.transaction() as connection:
            _require(connection, CALLER_EXISTS, {"caller": caller.user_id}, CallerUnknown())
            if draft.course_id is not None:
                missing = CourseNotFound(metadata={"course_id": str(draft.course_id)})
                _require(connection, COURSE_EXISTS, {"course": draft.course_id}, missing)
            version = connection.execute(INSERT_POLICY, _row(draft, caller)).scalar_one()
            return _policy(connection, version)


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
    counts = connection.execute(BUILT_IN_COUNTS).scalar_one()
    return RecordedPolicy(version=BUILT_IN_VERSION, limits=BUILT_IN_POLICY.limits, in_force=counts)
