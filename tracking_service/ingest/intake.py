"""From what a client reports to an event: whose it is and when it happened (DESIGN 5.6 and 9)."""

from __future__ import annotations

from typing import NamedTuple

from servicekit.auth.principal import Principal
from servicekit.clock import Clock, Instant
from servicekit.errors import FieldViolation, InvalidArgument, OutOfRange, PermissionDenied
from servicekit.identifiers import UserId, WhiteboardSessionId
from tracking_service.domain.events import EndReason, EventKind, Participant, PresenceEvent, UserType
from tracking_service.domain.windows import Window


class IdentityMismatch(PermissionDenied):
    """What the request says about the participant contradicts the token."""

    reason = "IDENTITY_MISMATCH"


class EventTooOld(OutOfRange):
    """The event is older than the back-fill limit."""

    reason = "EVENT_TOO_OLD"


class Report(NamedTuple):
    """What a client said, well-formed but not judged yet."""

    kind: EventKind
    session_id: WhiteboardSessionId
    user_type: UserType
    user_id: UserId | None
    activity_type: str
    observed_at: Instant | None
    connection_id: str
    reason: EndReason


class GapReport(NamedTuple):
    """A time in which a relay says that it was blind, well-formed but not judged yet."""

    extent: Window
    #: Empty: all sessions of the stream.
    session_ids: frozenset[WhiteboardSessionId]


class Intake:
    """Judges the reports of one caller."""

    __slots__ = ("_backfill_limit", "_clock", "_principal")

    def __init__(self, principal: Principal, clock: Clock, *, backfill_limit: int) -> None:
        """`backfill_limit` is in microseconds."""
        self._principal = principal
        self._clock = clock
        self._backfill_limit = backfill_limit

    def event(self, report: Report) -> PresenceEvent:
        """Return the event; IdentityMismatch, EventTooOld, or InvalidArgument where a relay names nobody."""
        return PresenceEvent(
            Participant(report.session_id, self._user_id(report), report.user_type),
            report.kind,
            self._moment(report.observed_at),
            report.connection_id,
            report.activity_type,
            report.reason,
        )

    def gap(self, report: GapReport) -> GapReport:
        """Return the gap as it is recorded; RoleMissing for whoever is no relay, EventTooOld.

        What of it lies in the future is not yet so, and what lies beyond the back-fill limit is settled.
        """
        self._principal.require_service()
        now = self._clock.now()
        oldest = now - self._backfill_limit
        if report.extent.end < oldest:
            raise EventTooOld
        start, end = (min(max(moment, oldest), now) for moment in (report.extent.start, report.extent.end))
        return report._replace(extent=Window(Instant(start), Instant(end)))

    def _user_id(self, report: Report) -> UserId:
        if self._principal.is_service:
            if report.user_id is None:
                raise InvalidArgument(FieldViolation("user_id", "a relay must say whose event this is"))
            return report.user_id
        own = self._principal.require_person()
        if report.user_id is not None and report.user_id != own:
            raise IdentityMismatch("user_id is not the user of the token; leave it out")
        if report.user_type.value not in self._principal.roles:
            raise IdentityMismatch(
                f"the token does not grant the role {report.user_type.value!r} that user_type claims"
            )
        return own

    def _moment(self, observed_at: Instant | None) -> Instant:
        now = self._clock.now()
        # Only relays are believed; participants' events bear the time at which they were read.
        if observed_at is None or not self._principal.is_service:
            return now
        if observed_at < now - self._backfill_limit:
            raise EventTooOld
        return min(observed_at, now)
