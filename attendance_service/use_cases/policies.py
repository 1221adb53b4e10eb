"""Policies: admins put limits in force, and see which ones ever were."""

from __future__ import annotations

from dataclasses import dataclass

from attendance_service.domain.caller import Caller
from attendance_service.domain.policy import PolicyDraft, RecordedPolicy, require_policy_admin
from attendance_service.store.policies import PolicyStore
from attendance_service.store.threads import DatabaseThreads
from servicekit.identifiers import CourseId


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """Policies, newest first."""

    policies: tuple[RecordedPolicy, ...]
    #: Version below which the next page begins; None: this was the last one.
    next_before: int | None


class Policies:
    """Records policies and shows them."""

    def __init__(self, *, policies: PolicyStore, threads: DatabaseThreads) -> None:
        """Everything it calls is handed in."""
        self._policies = policies
        self._threads = threads

    async def create(self, draft: PolicyDraft, caller: Caller) -> RecordedPolicy:
        """Put a policy in force and return it; RoleMissing, CallerUnknown, CourseNotFound."""
        require_policy_admin(caller)
        return await self._threads.run(self._policies.create, draft, caller)

    async def get(self, version: int, caller: Caller) -> RecordedPolicy:
        """Return one policy; RoleMissing, PolicyNotFound."""
        require_policy_admin(caller)
        return await self._threads.look(self._policies.get, version)

    async def page(self, caller: Caller, *, course: CourseId | None, before: int | None, size: int) -> PolicyPage:
        """Return policies (with a course: those for it); RoleMissing."""
        require_policy_admin(caller)
        found = await self._threads.look(self._policies.page, course=course, before=before, size=size + 1)
        policies = found[:size]
        return PolicyPage(policies=policies, next_before=policies[-1].version if len(found) > size else None)
