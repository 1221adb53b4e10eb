"""Whose attendance a session decides, if the whiteboard has other people (docs/suggestions.md#who-is-judged)."""

from __future__ import annotations

import pytest

from attendance_service.domain.facts import ParticipantFacts
from attendance_service.domain.session import Roster
from servicekit.identifiers import UserId
from tests.unit.attendance.build import (
    CLASSMATE,
    OTHER_TUTOR,
    STUDENT,
    TUTOR,
    at,
    codes,
    facts_about,
    suggested,
    there,
    tutor,
    verdict,
)

PUNCTUAL = there(0, 60)
LESSON = Roster(tutor=TUTOR, students=(STUDENT,))
CLASS = Roster(tutor=TUTOR, students=(STUDENT, CLASSMATE))


def test_if_the_roster_and_the_whiteboard_agree_nothing_is_doubted() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), roster=LESSON)
    assert suggestion.is_clear
    assert (suggestion.tutor_user_id, suggestion.guests) == (TUTOR, ())


def test_a_student_of_another_lesson_is_a_guest_and_credited_to_nobody() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(), facts_about(PUNCTUAL, user_id=CLASSMATE), roster=LESSON)
    assert list(suggestion.students) == [STUDENT]
    assert verdict(suggestion.student.judgement) == ("absent", "medium")
    assert codes(suggestion.student.judgement) == ["never_connected", "guest"]
    assert [(guest.user_id, guest.role, guest.intervals) for guest in suggestion.guests] == [
        (CLASSMATE, "student", (PUNCTUAL,))
    ]
    assert verdict(suggestion.tutor.judgement) == ("present", "high")


def test_a_guest_outside_the_window_is_none() -> None:
    before = facts_about(there(-30, -1), user_id=CLASSMATE, is_listed=False)
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), before, roster=LESSON)
    assert suggestion.is_clear
    assert suggestion.guests == ()


def test_a_list_with_others_who_never_came_is_doubted() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), facts_about(user_id=CLASSMATE), roster=LESSON)
    assert verdict(suggestion.student.judgement) == ("present", "medium")
    assert codes(suggestion.student.judgement)[-1] == "others_on_whiteboard"
    assert suggestion.guests == ()


def test_of_a_student_who_is_not_let_to_the_whiteboard_nothing_is_known() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(user_id=CLASSMATE), roster=LESSON)
    for person in (suggestion.student, suggestion.students[STUDENT]):
        assert verdict(person.judgement) == ("present", "low")
        assert codes(person.judgement)[0] == "not_on_whiteboard"


def test_a_student_who_was_taken_off_the_list_is_judged_by_what_was_recorded_with_doubts() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL, is_listed=False), roster=LESSON)
    assert verdict(suggestion.student.judgement) == ("present", "medium")
    assert codes(suggestion.student.judgement)[-1] == "not_on_whiteboard"


def test_a_student_who_was_taken_off_the_list_before_the_lesson_is_not_absent() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(there(-30, -1), is_listed=False), roster=LESSON)
    assert verdict(suggestion.student.judgement) == ("present", "low")


def test_a_substitute_s_presence_is_not_the_tutor_s() -> None:
    suggestion = suggested(tutor(PUNCTUAL, user_id=OTHER_TUTOR), facts_about(PUNCTUAL), roster=LESSON)
    assert verdict(suggestion.tutor.judgement) == ("absent", "low")
    assert codes(suggestion.tutor.judgement)[0] == "substitute"
    assert suggestion.tutor_user_id == TUTOR
    assert [(guest.user_id, guest.role) for guest in suggestion.guests] == [(OTHER_TUTOR, "tutor")]
    assert verdict(suggestion.student.judgement) == ("present", "high")


def test_a_tutor_on_the_list_who_sent_a_substitute_is_absent_with_doubts() -> None:
    suggestion = suggested(tutor(), tutor(PUNCTUAL, user_id=OTHER_TUTOR), facts_about(PUNCTUAL), roster=LESSON)
    assert verdict(suggestion.tutor.judgement) == ("absent", "medium")
    assert codes(suggestion.tutor.judgement) == ["never_connected", "substitute"]


def test_a_tutor_who_was_there_too_is_judged_by_their_own_presence_with_doubts() -> None:
    own, other = tutor(there(0, 50), is_listed=False), tutor(there(50, 60), user_id=OTHER_TUTOR)
    suggestion = suggested(own, other, facts_about(PUNCTUAL), roster=LESSON)
    assert verdict(suggestion.tutor.judgement) == ("present", "medium")
    assert codes(suggestion.tutor.judgement)[-2:] == ["substitute", "not_on_whiteboard"]


def test_of_a_tutor_who_is_not_let_to_the_whiteboard_nothing_is_known_if_no_other_tutor_came() -> None:
    suggestion = suggested(tutor(user_id=OTHER_TUTOR), facts_about(PUNCTUAL), roster=LESSON)
    assert verdict(suggestion.tutor.judgement) == ("present", "low")
    assert codes(suggestion.tutor.judgement) == ["not_on_whiteboard", "others_on_whiteboard"]


def test_without_an_enrolment_the_tutor_whom_the_whiteboard_names_now_is_judged() -> None:
    former, present = tutor(PUNCTUAL, is_listed=False), tutor(user_id=OTHER_TUTOR)
    suggestion = suggested(former, present, facts_about(PUNCTUAL))
    assert (suggestion.tutor_user_id, verdict(suggestion.tutor.judgement)) == (OTHER_TUTOR, ("absent", "high"))


def test_a_role_that_the_enrolment_does_not_name_is_the_whiteboard_s() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), roster=Roster(tutor=TUTOR))
    assert suggestion.is_clear
    assert list(suggestion.students) == [STUDENT]


def test_of_a_student_without_a_user_nothing_is_known() -> None:
    roster = Roster(tutor=TUTOR, has_students_without_user=True)
    alone = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL, user_id=CLASSMATE), roster=roster)
    assert (verdict(alone.student.judgement), alone.students) == (("present", "low"), {})
    roster = Roster(tutor=TUTOR, students=(STUDENT,), has_students_without_user=True)
    of_class = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), roster=roster)
    assert verdict(of_class.student.judgement) == ("present", "medium")
    assert verdict(of_class.students[STUDENT].judgement) == ("present", "high")


@pytest.mark.parametrize(
    "classmate",
    [
        facts_about(user_id=CLASSMATE),
        facts_about(there(10, 60), user_id=CLASSMATE),
        # Present, but less sure.
        facts_about(there(0, 30), user_id=CLASSMATE),
    ],
)
def test_a_class_whose_students_differ_is_not_clear(classmate: ParticipantFacts) -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), classmate, roster=CLASS)
    assert verdict(suggestion.student.judgement) == ("present", "medium")
    assert codes(suggestion.student.judgement)[-1] == "students_differ"
    assert not suggestion.is_clear


def test_a_class_that_was_present_only_by_turns_is_not_clear() -> None:
    halves = facts_about(there(0, 30)), facts_about(there(30, 60), user_id=CLASSMATE)
    suggestion = suggested(tutor(PUNCTUAL), *halves, roster=CLASS)
    assert codes(suggestion.student.judgement)[-1] == "students_differ"


def test_a_class_whose_students_agree_is_clear() -> None:
    for intervals in ((PUNCTUAL,), ()):
        both = facts_about(*intervals), facts_about(*intervals, user_id=CLASSMATE)
        assert suggested(tutor(PUNCTUAL), *both, roster=CLASS).is_clear


def test_a_running_class_names_its_state_last() -> None:
    suggestion = suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), facts_about(user_id=CLASSMATE), as_of=at(30))
    assert codes(suggestion.student.judgement)[-2:] == ["students_differ", "running"]
    assert codes(suggestion.students[STUDENT].judgement)[-1] == "running"


def test_a_person_who_is_at_the_whiteboard_in_no_role_of_the_roster_changes_nothing_else() -> None:
    stranger = facts_about(user_id=UserId(999), is_listed=False)
    assert suggested(tutor(PUNCTUAL), facts_about(PUNCTUAL), stranger, roster=LESSON).is_clear
