"""Evaluate: what other limits would have suggested, and what people decided. Nothing is written."""

from __future__ import annotations

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
from attendance_service.domain.policy import require_policy_admin
from attendance_service.domain.reasons import ReasonCode
from attendance_service.store.evaluation import EvaluationStore
from attendance_service.store.threads import DatabaseThreads
from attendance_service.tracking.client import TrackingClient
from attendance_service.tracking.facts import WhiteboardWindow


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationPage:
    """What other limits would change, on one page of decisions."""

    evaluation: Evaluation
    #: After which decision the next page begins; None: there are no older ones.
    next: DecisionPosition | None


class Evaluating:
    """Tries limits on past decisions."""

    def __init__(
        self, *, decisions: EvaluationStore, threads: DatabaseThreads, tracking: TrackingClient, deadline_seconds: float
    ) -> None:
        """`deadline_seconds` is how long the tracking service may take."""
        self._decisions = decisions
        self._threads = threads
        self._tracking = tracking
        self._deadline_seconds = deadline_seconds

    async def evaluate(self, query: EvaluationQuery, caller: Caller) -> EvaluationPage:
        """Judge one page of decisions anew, at the cost of one query and one question to the tracking service.

        RoleMissing, TrackingUnavailable.
        """
        require_policy_admin(caller)
        # One more than asked for tells whether there are older ones.
        found = await self._threads.look(self._decisions.past_decisions, query, query.size + 1)
        decisions = found[: query.size]
        facts = await self._facts(decisions)
        evaluation = await self._threads.run(evaluate, list(zip(decisions, facts, strict=True)), query.limits)
        more = len(found) > len(decisions)
        return EvaluationPage(evaluation=evaluation, next=decisions[-1].position if more else None)

    async def _facts(self, decisions: Sequence[PastDecision]) -> list[SessionFacts | ReasonCode]:
        windows = [
            WhiteboardWindow(decision.whiteboard_id, decision.window)
            for decision in decisions
            if decision.whiteboard_id is not None
        ]
        answers = iter(await self._tracking.facts_of_many(windows, deadline_seconds=self._deadline_seconds))
        return [
            ReasonCode.NO_WHITEBOARD
            if decision.whiteboard_id is None
            else next(answers) or ReasonCode.WHITEBOARD_UNKNOWN
            for decision in decisions
        ]
