"""One class told from its truth to its suggestion, in moments after the start of its window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from google.protobuf.timestamp_pb2 import Timestamp

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from benchmarks.evaluation.moments import MINUTE, SECOND, Stretch
from benchmarks.evaluation.review import old_way
from benchmarks.evaluation.review.reviewer import attended, review
from benchmarks.evaluation.simulation.delivery import Telemetry
from benchmarks.evaluation.simulation.simulated import SimulatedClass, SimulatedPerson
from benchmarks.evaluation.simulation.words import Kind, Role

_MILLISECOND = timedelta(milliseconds=1)
#: Whatever comes in later than this is told as late.
_AT_ONCE = SECOND

Suggestion = attendance_pb2.GetAttendanceSuggestionResponse
Facts = tracking_pb2.GetConnectionMetricsResponse


class Timeline:
    """Tells one class."""

    def __init__(self, simulated: SimulatedClass, begins: datetime, facts: Facts, suggestion: Suggestion) -> None:
        """`begins` is the start of the calendar."""
        self._class = simulated
        self._start = begins + timedelta(milliseconds=simulated.plan.starts_at)
        self._facts = {participant.user_id: participant for participant in facts.participants}
        self._gaps = [self._stretch(gap.started_at, gap.ended_at) for gap in facts.observation_gaps]
        self._suggestion = suggestion

    def __str__(self) -> str:
        plan = self._class.plan
        lines = [f"Class {plan.number}: {self._start:%Y-%m-%d %H:%M} UTC, {plan.length // MINUTE} minutes"]
        if plan.outage is not None:
            lines.append(f"  outage      {told(plan.outage.stretch)}, {plan.outage.record}")
        lines += [f"  gap         {told(gap)}" for gap in self._gaps]
        for person in self._class.people:
            lines += ["", *self._person(person)]
        return "\n".join([*lines, "", self._suggestion.overall_recommendation])

    def _person(self, person: SimulatedPerson) -> Iterator[str]:
        window = self._class.plan.window
        yield f"{person.plan.role} {person.plan.user_id}: {person.plan.behaviour}; {faults(person)}"
        yield from _several("truth", map(told, person.truth))
        yield from _several("telemetry", telemetry(person.telemetry))
        yield from _several("facts", self._person_facts(self._facts[person.plan.user_id]))
        given, measured = review(person.truth, window), attended(person.truth, window)
        border = ", borderline" if given.is_borderline else ""
        yield f"  reviewer    {given.mark}{border} ({float(measured.engagement):.1f} % of the window)"
        yield f"  suggestion  {self._suggested(person)}"
        columns = old_way.kept_of(person.telemetry)
        verdict = old_way.suggest(columns, window)
        yield f"  old way     {verdict.mark}, {verdict.confidence} ({columns.total_active_seconds} active seconds)"

    def _person_facts(self, facts: tracking_pb2.ParticipantMetrics) -> Iterator[str]:
        for interval in facts.intervals:
            assumed = ", assumed" if interval.assumed else ""
            yield f"{told(self._stretch(interval.started_at, interval.ended_at))}{assumed}"
        for unknown in facts.unknown:
            yield f"{told(self._stretch(unknown.started_at, unknown.ended_at))} unknown"
        if facts.HasField("arrival_uncertain_since"):
            yield f"arrival uncertain since {moment(self._moment(facts.arrival_uncertain_since))}"

    def _suggested(self, person: SimulatedPerson) -> str:
        answer = self._suggestion
        if person.plan.role is Role.TUTOR:
            status, confidence, reason = answer.tutor_status_suggestion, answer.tutor_confidence, answer.tutor_metrics
        else:
            own = next(student for student in answer.students if student.user_id == person.plan.user_id)
            status, confidence, reason = own.status_suggestion, own.confidence, own.metrics
        names = attendance_pb2.AttendanceStatus.Name(status), attendance_pb2.Confidence.Name(confidence)
        return f"{', '.join(names)}: {reason.reason}"

    def _stretch(self, start: Timestamp, end: Timestamp) -> Stretch:
        return Stretch(self._moment(start), self._moment(end))

    def _moment(self, stamp: Timestamp) -> int:
        return (stamp.ToDatetime(UTC) - self._start) // _MILLISECOND


def faults(person: SimulatedPerson) -> str:
    """Return what went wrong."""
    return ", ".join(sorted(person.faults)) or "clean"


def telemetry(of: Sequence[Telemetry]) -> Iterator[str]:
    """Yield telemetry as it came in, heartbeats in a row as one line."""
    for (kind, connection_id, lag), items in groupby(of, _alike):
        observed = [item.observed_at for item in items]
        late = f", came in {lag} s late" if lag else ""
        if len(observed) == 1:
            yield f"{moment(observed[0])} {kind} of {connection_id}{late}"
        else:
            yield f"{told(Stretch(observed[0], observed[-1]))} {kind} of {connection_id}, {len(observed)} times{late}"


def _alike(item: Telemetry) -> tuple[Kind, str, int]:
    lag = item.delivered_at - item.observed_at
    return item.kind, item.connection_id, lag // SECOND if lag > _AT_ONCE else 0


def told(stretch: Stretch) -> str:
    """Return a stretch as people read it."""
    return f"{moment(stretch.start)} to {moment(stretch.end)}"


def moment(at: int) -> str:
    """Return a moment as minutes, seconds and milliseconds after the start of the window."""
    minutes, rest = divmod(abs(at), MINUTE)
    return f"{'-' if at < 0 else '+'}{minutes:02}:{rest // SECOND:02}.{rest % SECOND:03}"


def _several(label: str, items: Iterable[str]) -> Iterator[str]:
    for index, item in enumerate([*items] or ["nothing"]):
        yield f"  {label if not index else '':<11} {item}"
