"""One person's suggested status: the rule table, then what lowers confidence, each with its reason.

docs/suggestions.md#rules and docs/suggestions.md#confidence describe both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from attendance_service.domain.measurement import (
    Measurement,
    RuleInput,
    duration,
    shown_minutes,
    shown_percentage,
    shown_seconds,
)
from attendance_service.domain.policy import Limits
from attendance_service.domain.reasons import TEMPLATES, ReasonCode
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence

#: Presence is recorded in microseconds, so this is the smallest step across a limit of lateness.
_MICROSECOND = timedelta(microseconds=1)
#: A step across a limit of engagement, in points: far smaller than the distance of any two limits.
_SMALL_STEP = Fraction(1, 1_000_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One thing that affected a suggestion."""

    code: ReasonCode
    #: For people, complete with its full stop.
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A suggested status, its confidence, and the reasons."""

    status: AttendanceStatus
    confidence: Confidence
    #: The rule that decided comes first.
    reasons: tuple[Reason, ...]
    #: None where there were no facts to measure.
    measurement: Measurement | None = None

    @property
    def explanation(self) -> str:
        """All reasons as sentences."""
        return " ".join(reason.sentence for reason in self.reasons if reason.sentence)

    def with_doubts(self, codes: Sequence[ReasonCode]) -> Judgement:
        """Return the same status with these reasons; there are doubts, so confidence is medium at most."""
        if not codes:
            return self
        known = {reason.code for reason in self.reasons}
        doubts = tuple(reason(code) for code in codes if code not in known)
        confidence = Confidence.MEDIUM if self.confidence is Confidence.HIGH else self.confidence
        return replace(self, confidence=confidence, reasons=(*self.reasons, *doubts))

    def lowered_by(self, reasons: Sequence[Reason]) -> Judgement:
        """Return the same status with these reasons, each of which lowers confidence by one step."""
        return replace(self, confidence=_lowered(self.confidence, len(reasons)), reasons=(*self.reasons, *reasons))

    def with_low_confidence(self, code: ReasonCode) -> Judgement:
        """Return the same status with low confidence, for a reason that concerns the whole session."""
        return replace(self, confidence=Confidence.LOW, reasons=(*self.reasons, reason(code)))

    def with_remark(self, code: ReasonCode) -> Judgement:
        """Return the same status and confidence with a reason that people should know."""
        return replace(self, reasons=(*self.reasons, reason(code)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One row of the rule table."""

    code: ReasonCode
    applies: Callable[[RuleInput, Limits], bool]
    status: AttendanceStatus
    confidence: Callable[[RuleInput, Limits], Confidence]
    #: Whether the amount of engagement is a reason of its own.
    names_engagement: bool = False


def judge(measurement: Measurement, limits: Limits) -> Judgement:
    """Apply the rules to one person's measurements."""
    measured = measurement.rule_input
    rule = first_rule(measured, limits)
    lowering = tuple(_lowering_reasons(measurement, limits))
    arrival = _arrival_reason(measurement, limits)
    codes = [rule.code]
    if rule.names_engagement:
        codes.append(_engagement_code(measured, limits))
    codes.extend(code for step in lowering for code in step)
    if arrival is not None:
        codes.append(arrival)
    confidence = _lowered(rule.confidence(measured, limits), len(lowering))
    return Judgement(
        status=rule.status,
        confidence=Confidence.LOW if arrival is ReasonCode.ARRIVAL_DECISIVE else confidence,
        reasons=tuple(_explained(code, measurement, limits) for code in codes),
        measurement=measurement,
    )


def unjudged(code: ReasonCode, *, status: AttendanceStatus = AttendanceStatus.PRESENT) -> Judgement:
    """Return what is suggested where there are no facts: present if nothing else is known, low, and the reason."""
    return Judgement(status=status, confidence=Confidence.LOW, reasons=(reason(code),))


def reason(code: ReasonCode, **values: str) -> Reason:
    """Return the reason with its sentence filled in; values that the sentence does not use are ignored."""
    return Reason(code=code, sentence=TEMPLATES[code].format_map(values))


def first_rule(measured: RuleInput, limits: Limits) -> Rule:
    """Return the rule that decides; the last one applies to everyone."""
    return next(rule for rule in RULES if rule.applies(measured, limits))


def near_limits(measured: RuleInput, limits: Limits) -> tuple[ReasonCode, ...]:
    """Return which limits are so near that crossing one would change the status."""
    status = first_rule(measured, limits).status
    across = {
        ReasonCode.NEAR_LATENESS_LIMIT: _across_lateness_limits(measured, limits),
        ReasonCode.NEAR_ENGAGEMENT_LIMIT: _across_engagement_limits(measured, limits),
    }
    return tuple(
        code
        for code, others in across.items()
        if any(first_rule(other, limits).status is not status for other in others)
    )


def _lowering_reasons(measurement: Measurement, limits: Limits) -> Iterator[tuple[ReasonCode, ...]]:
    """Yield the reasons of each step by which confidence is lowered."""
    if duration(measurement.scheduled) < limits.short_window_below:
        yield (ReasonCode.SHORT_WINDOW,)
    if measurement.reconnects >= limits.many_reconnects_from:
        yield (ReasonCode.MANY_RECONNECTS,)
    if near := near_limits(measurement.rule_input, limits):
        yield near
    if unobserved := tuple(_reasons_of_unobserved(measurement, limits)):
        yield unobserved


def _reasons_of_unobserved(measurement: Measurement, limits: Limits) -> Iterator[ReasonCode]:
    if measurement.unobserved_percentage > limits.unobserved_above_percent:
        yield ReasonCode.PARTLY_UNOBSERVED
    rule = first_rule(measurement.rule_input, limits)
    others = {first_rule(other, limits).status for other in measurement.unknown_otherwise}
    if rule.code is not ReasonCode.CANNOT_KNOW and measurement.unknown and others != {rule.status}:
        yield ReasonCode.UNKNOWN_DECISIVE


def _arrival_reason(measurement: Measurement, limits: Limits) -> ReasonCode | None:
    """Return the reason that names an unobserved arrival; None if it was observed, or changes nothing."""
    latest, measured = measurement.latest_arrival, measurement.rule_input
    if latest == measured:
        return None
    if first_rule(latest, limits).status is first_rule(measured, limits).status:
        return ReasonCode.ARRIVAL_ASSUMED
    return ReasonCode.ARRIVAL_DECISIVE


def _across_lateness_limits(measured: RuleInput, limits: Limits) -> Iterator[RuleInput]:
    """Yield the same input on the other side of each limit of lateness that is near."""
    lateness = measured.lateness
    if lateness is None:
        return
    # (limit, last value below it, first value above it): 5:00 is late already, 15:00 not yet very late.
    sides = (
        (limits.late_from, limits.late_from - _MICROSECOND, limits.late_from),
        (limits.very_late_after, limits.very_late_after, limits.very_late_after + _MICROSECOND),
    )
    for limit, below, above in sides:
        if abs(lateness - limit) < limits.lateness_margin:
            yield replace(measured, lateness=above if lateness <= below else below)


def _across_engagement_limits(measured: RuleInput, limits: Limits) -> Iterator[RuleInput]:
    """Yield the same input on the other side of each limit of engagement that is near and affects the status."""
    for limit in (limits.absent_below_percent, limits.very_late_absent_below_percent):
        if abs(measured.engagement - limit) < limits.engagement_margin_points:
            other = Fraction(limit) if measured.engagement < limit else limit - _SMALL_STEP
            yield replace(measured, engagement=other)


def _lowered(confidence: Confidence, steps: int) -> Confidence:
    scale = tuple(Confidence)
    return scale[max(scale.index(confidence) - steps, 0)]


def _explained(code: ReasonCode, measurement: Measurement, limits: Limits) -> Reason:
    measured = measurement.rule_input
    margins = {
        ReasonCode.NEAR_LATENESS_LIMIT: shown_seconds(limits.lateness_margin),
        ReasonCode.NEAR_ENGAGEMENT_LIMIT: limits.engagement_margin_points,
    }
    return reason(
        code,
        lateness="" if measured.lateness is None else written(shown_minutes(measured.lateness)),
        engagement=written(shown_percentage(measured.engagement)),
        unknown=written(shown_percentage(measured.unknown)),
        unobserved=written(shown_percentage(measurement.unobserved_percentage)),
        window=written(shown_minutes(duration(measurement.scheduled))),
        reconnects=str(measurement.reconnects),
        margin=str(margins.get(code, "")),
    )


def written(number: float) -> str:
    """Return a number of at most one decimal as people write it: 7, not 7.0."""
    return f"{number:.1f}".removesuffix(".0")


_CONFIDENCE_BY_ENGAGEMENT = {
    ReasonCode.HIGH_ENGAGEMENT: Confidence.HIGH,
    ReasonCode.MEDIUM_ENGAGEMENT: Confidence.MEDIUM,
    ReasonCode.LOW_ENGAGEMENT: Confidence.LOW,
}


def _engagement_code(measured: RuleInput, limits: Limits) -> ReasonCode:
    if measured.engagement >= limits.high_engagement_from_percent:
        return ReasonCode.HIGH_ENGAGEMENT
    if measured.engagement >= limits.medium_engagement_from_percent:
        return ReasonCode.MEDIUM_ENGAGEMENT
    return ReasonCode.LOW_ENGAGEMENT


def _by_engagement(measured: RuleInput, limits: Limits) -> Confidence:
    return _CONFIDENCE_BY_ENGAGEMENT[_engagement_code(measured, limits)]


def _lateness(measured: RuleInput) -> timedelta:
    return measured.lateness or timedelta()


def _is_very_late(measured: RuleInput, limits: Limits) -> bool:
    return _lateness(measured) > limits.very_late_after


#: The first rule that applies decides. The order is that of the table in docs/suggestions.md#rules.
RULES = (
    Rule(
        code=ReasonCode.CANNOT_KNOW,
        applies=lambda measured, limits: measured.unknown > limits.cannot_know_above_percent,
        status=AttendanceStatus.PRESENT,
        confidence=lambda _measured, _limits: Confidence.LOW,
    ),
    Rule(
        code=ReasonCode.NEVER_CONNECTED,
        applies=lambda measured, _limits: measured.lateness is None,
        status=AttendanceStatus.ABSENT,
        confidence=lambda _measured, _limits: Confidence.HIGH,
    ),
    Rule(
        code=ReasonCode.VERY_LOW_ENGAGEMENT,
        applies=lambda measured, limits: measured.engagement < limits.absent_below_percent,
        status=AttendanceStatus.ABSENT,
        confidence=lambda measured, limits: (
            Confidence.HIGH if measured.engagement < limits.clearly_absent_below_percent else Confidence.MEDIUM
        ),
    ),
    Rule(
        code=ReasonCode.VERY_LATE_LOW_ENGAGEMENT,
        applies=lambda measured, limits: (
            _is_very_late(measured, limits) and measured.engagement < limits.very_late_absent_below_percent
        ),
        status=AttendanceStatus.ABSENT,
        confidence=lambda _measured, _limits: Confidence.MEDIUM,
    ),
    Rule(
        code=ReasonCode.VERY_LATE,
        applies=_is_very_late,
        status=AttendanceStatus.LATE,
        confidence=lambda _measured, _limits: Confidence.MEDIUM,
        names_engagement=True,
    ),
    Rule(
        code=ReasonCode.LATE,
        applies=lambda measured, limits: _lateness(measured) >= limits.late_from,
        status=AttendanceStatus.LATE,
        confidence=_by_engagement,
        names_engagement=True,
    ),
    Rule(
        code=ReasonCode.ON_TIME,
        applies=lambda _measured, _limits: True,
        status=AttendanceStatus.PRESENT,
        confidence=_by_engagement,
        names_engagement=True,
    ),
)
