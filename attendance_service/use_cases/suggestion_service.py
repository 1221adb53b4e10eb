"""Suggestions: facts from the tracking service, judged by the rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from attendance_service.domain.caller import Caller
from attendance_service.domain.facts import SessionFacts, as_listed
from attendance_service.domain.policy import Policy
from attendance_service.domain.reasons import ReasonCode
from attendance_service.domain.session import TutoringSession
from attendance_service.domain.settlement import suggestion_as_settled
from attendance_service.domain.suggestion import Suggestion, suggest, suggest_without_facts
from attendance_service.instruments import Instruments
from attendance_service.store.policies import PolicyStore
from attendance_service.store.sessions import SessionStore
from attendance_service.store.settlements import SettlementStore
from attendance_service.tracking.client import TrackingClient, WhiteboardWindow
from servicekit.errors import Unavailable
from servicekit.identifiers import StudentProfileId, TutoringSessionId, UserId
from servicekit.time_ranges import TimeRange

#: How long a caller waits for a suggestion that they did not ask for (evidence of a manual decision), in seconds.
_QUICK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionSuggestion:
    """A suggestion with the names of its students and guests."""

    session_id: TutoringSessionId
    suggestion: Suggestion
    #: Names by users.id; users without a name are left out.
    names: Mapping[UserId, str]
    #: Their profiles by users.id; users who are not students of the session are left out.
    profiles: Mapping[UserId, StudentProfileId]
    #: Whose individual facts the caller may see; None: everyone's.
    visible_students: frozenset[UserId] | None = None
    #: From when on a person is late, after the start; None: it is not said.
    late_from: timedelta | None = None

    @property
    def shows_everyone(self) -> bool:
        """Whether the caller may see facts about the whole class; with them, one could work out the others' facts."""
        return self.visible_students is None or self.visible_students >= self.suggestion.students.keys()


class SuggestionService:
    """Makes suggestions."""

    def __init__(
        self,
        *,
        sessions: SessionStore,
        policies: PolicyStore,
        tracking: TrackingClient,
        settlements: SettlementStore,
        settle_again: Callable[[TutoringSessionId], Awaitable[object]],
        zone: tzinfo,
        instruments: Instruments,
    ) -> None:
        """`settle_again` writes down what is suggested now; `zone` is the session time zone."""
        self._sessions = sessions
        self._policies = policies
        self._tracking = tracking
        self._settlements = settlements
        self._settle_again = settle_again
        self._zone = zone
        self._instruments = instruments

    async def for_caller(self, session_id: TutoringSessionId, caller: Caller) -> SessionSuggestion:
        """Return the suggestion as the caller may see it.

        Raises:
            SessionNotFound: there is no such session, or the caller may not see it.
            TrackingUnavailable: the tracking service does not answer.
        """
        session = await self._sessions.get(session_id, caller)
        session.require_access(caller)
        policy = await self.policy_for(session)
        suggestion = await self.suggest(session, policy)
        has_changed = session.settled_etag not in {None, suggestion.etag} and not session.has_erased_people
        if has_changed and not suggestion.provisional:
            # The suggestion is shown, whether or not it can be written down.
            with suppress(Unavailable):
                await self._settle_again(session_id)
        named = await self.with_names(session, suggestion)
        return replace(named, visible_students=session.visible_students(caller), late_from=policy.limits.late_from)

    async def policy_for(self, session: TutoringSession) -> Policy:
        """Return the policy by which the session is judged now."""
        return await self._policies.in_force(session.courses)

    async def suggest(
        self, session: TutoringSession, policy: Policy, *, max_seconds: float | None = None
    ) -> Suggestion:
        """Return what the facts suggest under this policy; TrackingUnavailable."""
        window = session.schedule.window(self._zone)
        facts = await self._facts(session, window, max_seconds)
        settled = await self._as_settled(session) if facts is ReasonCode.FACTS_DELETED else None
        return settled or self._judged(session, policy, facts)

    async def suggest_many(
        self, sessions: Sequence[TutoringSession], policies: Sequence[Policy]
    ) -> tuple[Suggestion, ...]:
        """Return what the facts suggest about each session under its policy, with one call; TrackingUnavailable.

        There may be as many sessions as the tracking service accepts in one batch.
        """
        windows = {
            session.id: WhiteboardWindow(session.schedule.whiteboard_id, session.schedule.window(self._zone))
            for session in sessions
            if session.schedule.whiteboard_id is not None and _may_have_facts(session)
        }
        known = dict(zip(windows, await self._tracking.facts_of_many(tuple(windows.values())), strict=True))
        return tuple(
            self._judged(session, policy, known.get(session.id, _without_facts(session)))
            for session, policy in zip(sessions, policies, strict=True)
        )

    def _judged(self, session: TutoringSession, policy: Policy, facts: SessionFacts | ReasonCode) -> Suggestion:
        if isinstance(facts, ReasonCode):
            window = session.schedule.window(self._zone)
            suggestion = suggest_without_facts(facts, window)
        else:
            suggestion = suggest(_as_settled(facts, session), policy.limits, session.enrolment.roster)
        self._instruments.note_suggestion(suggestion)
        together = suggestion.seen_together
        if together is not None:
            # People read it in the recommendation.
            together = TimeRange(together.start.astimezone(self._zone), together.end.astimezone(self._zone))
        suggestion = _with_announced_absences(suggestion, session)
        return replace(suggestion, policy_version=policy.version, seen_together=together)

    async def suggest_quickly(self, session: TutoringSession, policy: Policy) -> Suggestion | None:
        """Return what the facts suggest, or None if there are none any more or the tracking service is slow."""
        try:
            suggestion = await self.suggest(session, policy, max_seconds=_QUICK_SECONDS)
        except Unavailable:
            return None
        return suggestion if suggestion.has_whiteboard and not suggestion.is_of_deleted_facts else None

    async def with_names(self, session: TutoringSession, suggestion: Suggestion) -> SessionSuggestion:
        """Return the suggestion with the names of its students and guests, and the students' profiles."""
        [named] = await self.with_names_of_many([(session, suggestion)])
        return named

    async def with_names_of_many(
        self, suggestions: Sequence[tuple[TutoringSession, Suggestion]]
    ) -> tuple[SessionSuggestion, ...]:
        """Return each suggestion with the names of the students and guests of all of them."""
        people = {
            user
            for _, suggestion in suggestions
            for user in (*suggestion.students, *(guest.user_id for guest in suggestion.guests))
        }
        names = await self._sessions.user_names(people) if people else {}
        return tuple(
            SessionSuggestion(
                session_id=session.id, suggestion=suggestion, names=names, profiles=session.enrolment.profiles
            )
            for session, suggestion in suggestions
        )

    async def policies_for(self, sessions: Sequence[TutoringSession]) -> list[Policy]:
        """Return the policy by which each session is judged now."""
        return await self._policies.in_force_for_each([session.courses for session in sessions])

    async def _as_settled(self, session: TutoringSession) -> Suggestion | None:
        """Return what was suggested when the facts were still there, or None if it is not written down."""
        if session.settled_etag is None:
            return None
        settled = (await self._settlements.suggestions([session.id])).get(session.id)
        suggestion = None if settled is None else suggestion_as_settled(settled)
        return None if suggestion is None else suggestion.with_remark(ReasonCode.FACTS_DELETED)

    async def _facts(
        self, session: TutoringSession, window: TimeRange[datetime] | None, max_seconds: float | None
    ) -> SessionFacts | ReasonCode:
        if session.schedule.whiteboard_id is None or not _may_have_facts(session):
            return _without_facts(session)
        return await self._tracking.facts(session.schedule.whiteboard_id, window, max_seconds=max_seconds)


def _as_settled(facts: SessionFacts, session: TutoringSession) -> SessionFacts:
    """Return the facts with the people whom the whiteboard named when the session settled."""
    enrolment = session.enrolment
    if not enrolment.has_settled_list:
        return facts
    tutors = frozenset() if enrolment.whiteboard_tutor is None else frozenset({enrolment.whiteboard_tutor})
    return as_listed(facts, tutors=tutors, students=enrolment.whiteboard_students)


def _may_have_facts(session: TutoringSession) -> bool:
    return not session.is_cancelled and not session.has_erased_people


def _without_facts(session: TutoringSession) -> ReasonCode:
    """Return why there are no facts about a session."""
    if session.has_erased_people:
        return ReasonCode.FACTS_DELETED
    if session.is_cancelled:
        return ReasonCode.CANCELLED
    return ReasonCode.NO_WHITEBOARD if session.schedule.whiteboard_id is None else ReasonCode.WHITEBOARD_UNKNOWN


def _with_announced_absences(suggestion: Suggestion, session: TutoringSession) -> Suggestion:
    """Return the suggestion with a remark at everyone whose absence was announced; nothing else changes."""
    announced, enrolment = session.absences, session.enrolment
    users = {enrolled.student.user_id for enrolled in enrolment.students if enrolled.student.id in announced.students}
    is_only_student = bool(announced.students) and enrolment.student_count == 1
    code = ReasonCode.ABSENCE_ANNOUNCED
    return replace(
        suggestion,
        tutor=suggestion.tutor.with_remark(code) if announced.tutor is not None else suggestion.tutor,
        student=suggestion.student.with_remark(code) if is_only_student else suggestion.student,
        students={
            user_id: person.with_remark(code) if user_id in users else person
            for user_id, person in suggestion.students.items()
        },
    )
