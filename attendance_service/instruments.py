"""What the attendance service counts for Prometheus (docs/metrics.md)."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter

from attendance_service.domain.decision import Decision
from attendance_service.domain.suggestion import Suggestion
from attendance_service.domain.vocabulary import AttendanceSource, AttendanceStatus, Confidence

WITHDRAWAL: Final = "withdrawal"
KINDS: Final = (*(it.value for it in AttendanceSource if it is not AttendanceSource.SYSTEM_DEFAULT), WITHDRAWAL)


class Instruments:
    """One counter for each thing that happens here."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is counted yet."""
        self._suggestions = Counter(
            "attendance_suggestions",
            "Suggestions that were made, by what they say about the student; of a class, about whether anybody came.",
            ["status", "confidence"],
            registry=registry,
        )
        for status in AttendanceStatus:
            for confidence in Confidence:
                self._suggestions.labels(status, confidence)
        self._decisions = Counter(
            "attendance_decisions",
            "Decisions that were recorded about lessons, by the source that they give to a status.",
            ["kind"],
            registry=registry,
        )
        for kind in KINDS:
            self._decisions.labels(kind)
        self._tracking_unavailable = Counter(
            "attendance_tracking_unavailable",
            "Calls to the tracking service that failed, after their retries.",
            registry=registry,
        )

    def note_suggestion(self, suggestion: Suggestion) -> None:
        """Count a suggestion."""
        judgement = suggestion.student.judgement
        self._suggestions.labels(judgement.status, judgement.confidence).inc()

    def note_decision(self, decision: Decision) -> None:
        """Count a decision that is committed."""
        self._decisions.labels(decision.source).inc()

    def note_withdrawal(self) -> None:
        """Count a withdrawal that is committed."""
        self._decisions.labels(WITHDRAWAL).inc()

    def note_tracking_unavailable(self) -> None:
        """Count a call that failed."""
        self._tracking_unavailable.inc()
