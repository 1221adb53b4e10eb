"""Policies: admins create them, list them, and try limits on past decisions (docs/policies.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from attendance_service.domain.caller import Caller
from attendance_service.domain.evaluation import (
    DecisionPosition,
    Evaluation,
    EvaluationQuery,
    PastDecision,
    evaluate,
)
from attendance_service.domain.facts import SessionFacts
from attendance_service.domain.listing import Page, PageRequest
from attendance_service.domain.policy import Course, PolicyDraft, RecordedPolicy, require_policy_admin
from attendance_service.domain.reasons import ReasonCode
from attendance_service.store.courses import CourseStore
from attendance_service.store.evaluation import EvaluationStore
from attendance_service.store.policies import PolicyStore
from attendance_service.tracking.client import TrackingClient, WhiteboardWindow
from servicekit.identifiers import CourseId


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationPage:
    """What other limits would change, on one page of decisions."""

    evaluation: Evaluation
    #: After which decision the next page begins; None: there are no older ones.
    next: DecisionPosition | None


class PolicyService:
    """Creates, lists and evaluates policies; every method raises RoleMissing unless the caller is an admin."""

    def __init__(
        self,
        *,
        policies: PolicyStore,
        courses: CourseStore,
        past_decisions: EvaluationStore,
        tracking: TrackingClient,
    ) -> None:
        """Everything it calls is passed in."""
        self._policies = policies
        self._courses = courses
        self._past_decisions = past_decisions
        self._tracking = tracking

    async def create(self, draft: PolicyDraft, caller: Caller) -> RecordedPolicy:
        """Put a policy in force and return it; CallerUnknown, CourseNotFound, PolicyChanged."""
        require_policy_admin(caller)
        return await self._policies.create(draft, caller)

    async def get(self, version: int, caller: Caller) -> RecordedPolicy:
        """Return one policy; PolicyNotFound."""
        require_policy_admin(caller)
        return await self._policies.get(version)

    async def page(self, course: CourseId | None, page: PageRequest[int], caller: Caller) -> Page[RecordedPolicy, int]:
        """Return the policies of one course, or (None) all, newest first."""
        require_policy_admin(caller)
        return await self._policies.page(course, page)

    async def courses(self, page: PageRequest[int], caller: Caller) -> Page[Course, int]:
        """Return the courses that a policy can be for."""
        require_policy_admin(caller)
        return await self._courses.page(page)

    async def evaluate(self, query: EvaluationQuery, caller: Caller) -> EvaluationPage:
        """Judge one page of decisions again, at the cost of one query and one call; TrackingUnavailable."""
        require_policy_admin(caller)
        page = await self._past_decisions.past_decisions(query)
        facts = await self._facts(page.rows)
        # In a thread: 200 decisions are too much work for the event loop.
        evaluation = await asyncio.to_thread(evaluate, list(zip(page.rows, facts, strict=True)), query.limits)
        return EvaluationPage(evaluation=evaluation, next=page.next)

    async def _facts(self, decisions: Sequence[PastDecision]) -> list[SessionFacts | ReasonCode]:
        windows = [
            WhiteboardWindow(decision.whiteboard_id, decision.window)
            for decision in decisions
            if decision.whiteboard_id is not None
        ]
        facts = iter(await self._tracking.facts_of_many(windows))
        return [ReasonCode.NO_WHITEBOARD if decision.whiteboard_id is None else next(facts) for decision in decisions]
