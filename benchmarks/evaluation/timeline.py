"""One class from its truth to its suggestion, printed with times after the start of its window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from benchmarks.evaluation.replaced_system import stored_columns, suggest
from benchmarks.evaluation.reviewer.lesson import Person
from benchmarks.evaluation.reviewer.outcome import review_outcome
from benchmarks.evaluation.reviewer.review import Review, attendance_of, review
from benchmarks.evaluation.scoring import lesson_of
from benchmarks.evaluation.simulation.plan import EventKind, Role
from benchmarks.evaluation.simulation.simulate import SimulatedClass, SimulatedPerson
from benchmarks.evaluation.simulation.telemetry import Telemetry
from benchmarks.evaluation.time_ranges import MINUTE, SECOND, TimeRange

_MILLISECOND = timedelta(milliseconds=1)
#: An event that arrives later than this is shown as late.
_MAX_DELAY = SECOND

Suggestion = attendance_pb2.GetAttendanceSuggestionResponse
Facts = tracking_pb2.GetConnectionMetricsResponse


class Timeline:
    """Formats one class."""

    def __init__(self, simulated: SimulatedClass, begins: datetime, facts: Facts, suggestion: Suggestion) -> None:
        """`begins` is the start of the calendar."""
        self._class = simulated
        self._lesson = lesson_of(simulated)
        self._start = begins + timedelta(milliseconds=simulated.plan.starts_at)
        self._facts = {participant.user_id: participant for participant in facts.participants}
        self._gaps = [self._range(gap.started_at, gap.ended_at) for gap in facts.observation_gaps]
        self._suggestion = suggestion

    def __str__(self) -> str:
        plan = self._class.plan
        lines = [
            f"Class {plan.number}: {self._start:%Y-%m-%d %H:%M} UTC, {plan.length // MINUTE} minutes; {plan.situation}"
        ]
        if plan.shift:
            lines.append(f"  held        {format_time(plan.shift)} after its scheduled time")
        if plan.clock_offset:
            lines.append(f"  clock       {format_time(plan.clock_offset)} ahead")
        if plan.outage is not None:
            lines.append(f"  outage      {format_range(plan.outage.range)}, {plan.outage.record}")
        lines += [f"  gap         {format_range(gap)}" for gap in self._gaps]
        for person, known in zip(self._class.people, self._lesson.people, strict=True):
            lines += ["", *self._person(person, known)]
        outcome = attendance_pb2.LessonOutcomeKind.Name(self._suggestion.lesson_outcome.outcome)
        lines += ["", f"outcome: {review_outcome(self._lesson).outcome}; by the service: {outcome}"]
        return "\n".join([*lines, "", self._suggestion.overall_recommendation])

    def _person(self, person: SimulatedPerson, known: Person) -> Iterator[str]:
        plan = person.plan
        faults = ", ".join(sorted(person.faults)) or "clean"
        yield f"{plan.role} {plan.user_id}: {plan.behaviour}; {faults}; on {plan.place}"
        yield from _lines("truth", map(format_range, person.truth))
        yield from _lines("telemetry", format_telemetry(person.telemetry))
        facts = self._facts.get(plan.user_id)
        yield from _lines("facts", [] if facts is None else self._person_facts(facts))
        if not plan.is_judged:
            return
        reviewed, attendance = review(self._lesson, known), attendance_of(self._lesson, known)
        yield f"  reviewer    {_shown(reviewed)} ({float(attendance.engagement):.1f} % of the window)"
        yield f"  suggestion  {self._suggested(person)}"
        columns = stored_columns(person.telemetry)
        verdict = suggest(columns, self._lesson.window)
        yield f"  replaced    {verdict.mark}, {verdict.confidence} ({columns.total_active_seconds} active seconds)"

    def _person_facts(self, facts: tracking_pb2.ParticipantMetrics) -> Iterator[str]:
        for interval in facts.intervals:
            assumed = ", assumed" if interval.assumed else ""
            yield f"{format_range(self._range(interval.started_at, interval.ended_at))}{assumed}"
        for unknown in facts.unknown:
            yield f"{format_range(self._range(unknown.started_at, unknown.ended_at))} unknown"
        if facts.HasField("arrival_uncertain_since"):
            yield f"arrival uncertain since {format_time(self._time(facts.arrival_uncertain_since))}"

    def _suggested(self, person: SimulatedPerson) -> str:
        answer = self._suggestion
        if person.plan.role is Role.TUTOR:
            status, confidence, metrics = answer.tutor_status_suggestion, answer.tutor_confidence, answer.tutor_metrics
        else:
            own = next(student for student in answer.students if student.user_id == person.plan.user_id)
            status, confidence, metrics = own.status_suggestion, own.confidence, own.metrics
        names = attendance_pb2.AttendanceStatus.Name(status), attendance_pb2.Confidence.Name(confidence)
        return f"{', '.join(names)}: {metrics.reason}"

    def _range(self, start: Timestamp, end: Timestamp) -> TimeRange:
        return TimeRange(self._time(start), self._time(end))

    def _time(self, timestamp: Timestamp) -> int:
        return (timestamp.ToDatetime(UTC) - self._start) // _MILLISECOND


def _shown(reviewed: Review) -> str:
    doubts = "".join(f", {doubt}" for doubt in sorted(reviewed.doubts))
    return f"{reviewed.mark or 'cannot know'}{', borderline' if reviewed.is_borderline else ''}{doubts}"


def format_telemetry(telemetry: Sequence[Telemetry]) -> Iterator[str]:
    """Yield telemetry in the order of its arrival, heartbeats in a row as one line."""
    for (kind, connection_id, delay), items in groupby(telemetry, _group_key):
        observed = [item.observed_at for item in items]
        late = f", arrived {delay} s late" if delay else ""
        if len(observed) == 1:
            yield f"{format_time(observed[0])} {kind} of {connection_id}{late}"
        else:
            observed_range = format_range(TimeRange(observed[0], observed[-1]))
            yield f"{observed_range} {kind} of {connection_id}, {len(observed)} times{late}"


def _group_key(item: Telemetry) -> tuple[EventKind, str, int]:
    delay = item.delivered_at - item.observed_at
    return item.kind, item.connection_id, delay // SECOND if delay > _MAX_DELAY else 0


def format_range(time_range: TimeRange) -> str:
    """Return a time range for people."""
    return f"{format_time(time_range.start)} to {format_time(time_range.end)}"


def format_time(at: int) -> str:
    """Return a time as minutes, seconds and milliseconds after the start of the window."""
    minutes, rest = divmod(abs(at), MINUTE)
    return f"{'-' if at < 0 else '+'}{minutes:02}:{rest // SECOND:02}.{rest % SECOND:03}"


def _lines(label: str, items: Iterable[str]) -> Iterator[str]:
    for index, item in enumerate([*items] or ["nothing"]):
        yield f"  {label if not index else '':<11} {item}"
