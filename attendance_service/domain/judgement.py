"""One person's suggested status: the rule table, then what lowers confidence, each with its reason (DESIGN 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendance_service.domain.doubts import arrival_doubt, doubts
from attendance_service.domain.limits import Limits
from attendance_service.domain.measurement import Measurement
from attendance_service.domain.reasons import Reason, ReasonCode, reason
from attendance_service.domain.rounding import in_words, shown_minutes, shown_percentage, shown_seconds
from attendance_service.domain.rules import engagement_code, first_that_fits
from attendance_service.domain.vocabulary import AttendanceStatus, Confidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A suggested status, how sure it is, and why."""

    status: AttendanceStatus
    confidence: Confidence
    #: The row of the table first.
    reasons: tuple[Reason, ...]
    #: None where there were no facts to measure.
    measurement: Measurement | None = None

    @property
    def explanation(self) -> str:
        """All reasons as sentences."""
        return " ".join(reason.sentence for reason in self.reasons)

    def held_back(self, code: ReasonCode) -> Judgement:
        """Return the same with low confidence, for a reason that concerns the whole session."""
        return replace(self, confidence=Confidence.LOW, reasons=(*self.reasons, reason(code)))


def judge(measurement: Measurement, limits: Limits) -> Judgement:
    """Apply the rules to one person's measurements."""
    row = first_that_fits(measurement.standing, limits)
    steps = tuple(doubts(measurement, limits))
    arrival = arrival_doubt(measurement, limits)
    codes = [row.code]
    if row.engagement_counts:
        codes.append(engagement_code(measurement.standing, limits))
    codes.extend(code for step in steps for code in step)
    if arrival is not None:
        codes.append(arrival)
    confidence = row.confidence(measurement.standing, limits).lowered(len(steps))
    return Judgement(
        status=row.status,
        confidence=Confidence.LOW if arrival is ReasonCode.ARRIVAL_DECISIVE else confidence,
        reasons=tuple(_explained(code, measurement, limits) for code in codes),
        measurement=measurement,
    )


def unjudged(code: ReasonCode) -> Judgement:
    """Return what is suggested where there are no facts: present, low, and the reason."""
    return Judgement(status=AttendanceStatus.PRESENT, confidence=Confidence.LOW, reasons=(reason(code),))


def _explained(code: ReasonCode, measurement: Measurement, limits: Limits) -> Reason:
    standing = measurement.standing
    margins = {
        ReasonCode.NEAR_LATENESS_LIMIT: shown_seconds(limits.lateness_margin),
        ReasonCode.NEAR_ENGAGEMENT_LIMIT: limits.engagement_margin_points,
    }
    return reason(
        code,
        lateness="" if standing.lateness is None else in_words(shown_minutes(standing.lateness)),
        engagement=in_words(shown_percentage(standing.engagement)),
        unknown=in_words(shown_percentage(standing.unknown)),
        unobserved=in_words(shown_percentage(measurement.unobserved_percentage)),
        window=in_words(shown_minutes(measurement.scheduled.length)),
        reconnects=str(measurement.reconnects),
        margin=str(margins.get(code, "")),
    )
