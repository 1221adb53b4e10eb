"""Builders for what happened in a class that starts at START; times are minutes since then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from attendance_service.domain.facts import ParticipantFacts, PresenceInterval, SessionFacts
from attendance_service.domain.judgement import Judgement, judge
from attendance_service.domain.measurement import Measurement, measure, presence_of
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.domain.session import Roster
from attendance_service.domain.suggestion import NO_ROSTER, Suggestion, suggest
from servicekit.identifiers import UserId
from servicekit.time_ranges import TimeRange

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
TUTOR = UserId(101)
OTHER_TUTOR = UserId(102)
TUTORS = {TUTOR, OTHER_TUTOR}
STUDENT = UserId(201)
CLASSMATE = UserId(202)
#: Long after any class: nothing is provisional any more.
LATER = timedelta(days=1)


def at(minutes: float = 0, *, seconds: float = 0, microseconds: int = 0) -> datetime:
    return START + timedelta(minutes=minutes, seconds=seconds, microseconds=microseconds)


def span(start: float, end: float) -> TimeRange[datetime]:
    return TimeRange(at(start), at(end))


def there(start: datetime | float, end: datetime | float, *, reason: str = "closed") -> PresenceInterval:
    return PresenceInterval(span=TimeRange(_time(start), _time(end)), end_reason=reason)


def assumed(start: float, end: float) -> PresenceInterval:
    return PresenceInterval(span=span(start, end), end_reason="closed", assumed=True)


def facts_about(
    *intervals: PresenceInterval,
    user_id: UserId = STUDENT,
    unknown: Iterable[TimeRange[datetime]] = (),
    reconnects: int = 0,
    arrival_uncertain_since: datetime | None = None,
    is_listed: bool = True,
    nearby: Iterable[TimeRange[datetime]] = (),
    clock_offset: timedelta = timedelta(),
) -> ParticipantFacts:
    return ParticipantFacts(
        user_id=user_id,
        clock_offset=clock_offset,
        nearby=tuple(nearby),
        is_listed=is_listed,
        intervals=intervals,
        unknown=tuple(unknown),
        reconnects=reconnects,
        arrival_uncertain_since=arrival_uncertain_since,
    )


def measured(facts: ParticipantFacts, *, minutes: float = 60, gaps: Iterable[TimeRange[datetime]] = ()) -> Measurement:
    return measure(
        presence_of(facts),
        scheduled=span(0, minutes),
        as_of=START + LATER,
        observation_gaps=tuple(gaps),
        presence_timeout=DEFAULT_LIMITS.presence_timeout,
    )


def judged(
    *intervals: PresenceInterval,
    minutes: float = 60,
    gaps: Iterable[TimeRange[datetime]] = (),
    unknown: Iterable[TimeRange[datetime]] = (),
    reconnects: int = 0,
    arrival_uncertain_since: datetime | None = None,
) -> Judgement:
    facts = facts_about(
        *intervals, unknown=unknown, reconnects=reconnects, arrival_uncertain_since=arrival_uncertain_since
    )
    return judge(measured(facts, minutes=minutes, gaps=gaps), DEFAULT_LIMITS)


def verdict(judgement: Judgement) -> tuple[str, str]:
    return judgement.status.value, judgement.confidence.value


def codes(judgement: Judgement) -> list[str]:
    return [reason.code.value for reason in judgement.reasons]


def tutor(
    *intervals: PresenceInterval,
    user_id: UserId = TUTOR,
    is_listed: bool = True,
    nearby: Iterable[TimeRange[datetime]] = (),
    unknown: Iterable[TimeRange[datetime]] = (),
) -> ParticipantFacts:
    return facts_about(*intervals, user_id=user_id, is_listed=is_listed, nearby=nearby, unknown=unknown)


def suggested(
    *participants: ParticipantFacts,
    minutes: float = 60,
    as_of: datetime | None = None,
    gaps: Iterable[TimeRange[datetime]] = (),
    roster: Roster = NO_ROSTER,
) -> Suggestion:
    facts = SessionFacts(
        window=span(0, minutes),
        tutors=tuple(it for it in participants if it.user_id in TUTORS),
        students=tuple(it for it in participants if it.user_id not in TUTORS),
        observation_gaps=tuple(gaps),
        as_of=START + LATER if as_of is None else as_of,
    )
    return suggest(facts, DEFAULT_LIMITS, roster)


def _time(when: datetime | float) -> datetime:
    return when if isinstance(when, datetime) else at(when)
