"""Facts as if the whiteboard named other people than it does now."""

from __future__ import annotations

from datetime import datetime

import pytest

from attendance_service.domain.facts import ParticipantFacts, SessionFacts, as_listed
from servicekit.time_ranges import TimeRange
from tests.unit.attendance.build import CLASSMATE, LATER, OTHER_TUTOR, START, STUDENT, TUTOR, facts_about, span, there

Spans = tuple[TimeRange[datetime], ...]


def facts(*students: ParticipantFacts, gaps: Spans = ()) -> SessionFacts:
    return SessionFacts(
        window=span(0, 60),
        tutors=(facts_about(there(0, 60), user_id=TUTOR, is_listed=False), facts_about(user_id=OTHER_TUTOR))
        if students
        else (),
        students=students,
        observation_gaps=gaps,
        as_of=START + LATER,
    )


def test_people_are_on_the_list_or_not_and_keep_their_presence() -> None:
    seen = facts_about(there(0, 60), is_listed=False)
    listed = as_listed(facts(seen), tutors=frozenset({TUTOR}), students=frozenset({STUDENT}))
    assert [(it.user_id, it.is_listed) for it in listed.tutors] == [(TUTOR, True), (OTHER_TUTOR, False)]
    assert [(it.user_id, it.is_listed, it.intervals) for it in listed.students] == [(STUDENT, True, seen.intervals)]


def test_who_was_never_there_and_is_not_named_now_is_added() -> None:
    listed = as_listed(facts(facts_about()), tutors=frozenset({TUTOR}), students=frozenset({STUDENT, CLASSMATE}))
    assert [(it.user_id, it.is_listed) for it in listed.students] == [(STUDENT, True), (CLASSMATE, True)]


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        (((span(0, 60),), (span(0, 60),)), (span(0, 60),)),
        (((span(0, 20), span(40, 60)), (span(10, 50),)), (span(10, 20), span(40, 50))),
        (((span(0, 60),), ()), ()),
    ],
)
def test_they_could_not_be_seen_when_nobody_could(unknown: tuple[Spans, Spans], expected: Spans) -> None:
    one, other = (facts_about(user_id=user, unknown=it) for user, it in zip((STUDENT, TUTOR), unknown, strict=True))
    known = SessionFacts(window=span(0, 60), tutors=(other,), students=(one,), as_of=START + LATER)
    [*_, added] = as_listed(known, tutors=frozenset({TUTOR}), students=frozenset({STUDENT, CLASSMATE})).students
    assert added.unknown == expected


@pytest.mark.parametrize(("gap", "expected"), [(span(0, 60), (span(0, 60),)), (span(0, 30), ())])
def test_where_nobody_is_known_gaps_say_whether_somebody_could_be_seen(
    gap: TimeRange[datetime], expected: Spans
) -> None:
    [added] = as_listed(facts(gaps=(gap,)), tutors=frozenset(), students=frozenset({STUDENT})).students
    assert added.unknown == expected
