"""A parent's word where a tutor or admin has decided: it is in their inbox, or by policy it is a claim."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.claims import answer, claim, claims
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, CLASSMATE, PARENT, STATUSES, STUDENT, TUTOR, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn

RAISED = "SELECT student_id, claimed_status, note, recorded_status, raised_by_role FROM attendance_claims ORDER BY id"


@pytest.fixture
def words_are_claims(platform: Platform) -> None:
    """Put a policy in force by which parents' words become claims."""
    platform.run(
        "INSERT INTO attendance_policies (created_by, limits) VALUES (1, '{\"parent_word_becomes_claim\": true}')"
    )


WORDS_ARE_CLAIMS = pytest.mark.usefixtures("words_are_claims")


@WORDS_ARE_CLAIMS
@pytest.mark.parametrize(("user", "role"), [(TUTOR, "tutor"), (ADMIN, "admin")])
async def test_a_parent_s_word_on_a_marked_child_becomes_a_claim(
    channel: aio.Channel, parent: Client, platform: Platform, recent: int, *, user: int, role: str
) -> None:
    decider = Client(channel, user, role)
    await decider.mark(recent, student_attendance_status=pb.absent, attendance_notes="Not seen")
    before = platform.stored(recent, *STATUSES)
    response = await parent.mark(recent, student_attendance_status=pb.present, attendance_notes=" Was there ")
    assert (response.success, response.claim_id) == (True, 1)
    assert (response.tutor_attendance_status, response.student_attendance_status) == ("present", "absent")
    assert response.attendance_source == (pb.manual if role == "tutor" else pb.admin_override)
    assert response.attendance_notes == "Not seen"
    assert [it.attendance_status for it in response.students] == ["absent"]
    assert platform.stored(recent, *STATUSES) == before
    assert len(platform.decisions(recent, "id")) == 1
    assert platform.rows(RAISED) == [(21, "present", "Was there", "absent", "parent")]
    accepted = await answer(decider, 1, pb.accepted)
    assert accepted.session.student_attendance_status == "present"


async def test_students_and_parents_read_what_the_policy_makes_of_their_word(
    student: Client, parent: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    async def rules(caller: Client) -> list[tuple[int, bool]]:
        cards = [await caller.session(recent), *(await caller.report("ListSessions")).sessions]
        assert len(cards) == 2
        return [(card.word_rules.claim_within_days, card.word_rules.parent_word_becomes_claim) for card in cards]

    assert await rules(student) == await rules(parent) == [(7, False)] * 2
    platform.run(
        """INSERT INTO attendance_policies (created_by, course_id, limits)
           VALUES (1, 42, '{"parent_word_becomes_claim": true, "claim_within_days": 3}')"""
    )
    assert await rules(student) == await rules(parent) == [(3, True)] * 2
    assert not (await tutor.session(recent)).HasField("word_rules")


@WORDS_ARE_CLAIMS
async def test_a_parent_s_word_on_an_unmarked_child_is_still_the_mark(
    parent: Client,
    platform: Platform,
    recent: int,
) -> None:
    for status in (pb.absent, pb.late):
        response = await parent.mark(recent, student_attendance_status=status)
        assert not response.HasField("claim_id")
    assert platform.stored(recent, *STATUSES) == ("present", "late", "parent_reported")
    assert platform.rows(RAISED) == []


@WORDS_ARE_CLAIMS
async def test_a_mark_from_before_the_ledger_is_another_person_s(
    parent: Client,
    platform: Platform,
    recent: int,
) -> None:
    platform.run(
        "UPDATE sessions SET attendance_source = 'manual', student_attendance_status = 'absent' WHERE id = %s", recent
    )
    assert (await parent.mark(recent, student_attendance_status=pb.present)).claim_id == 1


async def test_without_the_policy_it_stays_a_decision(
    parent: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    response = await parent.mark(recent, student_attendance_status=pb.present)
    assert not response.HasField("claim_id")
    assert platform.stored(recent, *STATUSES) == ("present", "present", "parent_reported")


@WORDS_ARE_CLAIMS
async def test_tutors_and_admins_still_decide(
    tutor: Client,
    admin: Client,
    platform: Platform,
    recent: int,
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    await admin.mark(recent, student_attendance_status=pb.late)
    assert platform.stored(recent, *STATUSES) == ("present", "late", "admin_override")


@WORDS_ARE_CLAIMS
async def test_of_two_children_one_becomes_a_claim_and_one_a_mark(
    parent: Client,
    tutor: Client,
    platform: Platform,
    recent_class: int,
) -> None:
    await tutor.mark(recent_class, students=[pb.StudentMark(user_id=STUDENT, status=pb.absent)])
    response = await parent.mark(recent_class, student_attendance_status=pb.late, attendance_notes="Both came late")
    assert response.claim_id == 1
    assert {it.user_id: it.attendance_status for it in response.students} == {STUDENT: "absent", CLASSMATE: "late"}
    assert platform.rows(RAISED) == [(21, "late", "Both came late", "absent", "parent")]
    [classmate] = [it for it in response.students if it.user_id == CLASSMATE]
    assert (classmate.attendance_source, classmate.note) == ("parent_reported", "Both came late")


@WORDS_ARE_CLAIMS
async def test_if_a_part_is_refused_nothing_is_recorded(
    parent: Client,
    tutor: Client,
    platform: Platform,
    recent_class: int,
) -> None:
    await tutor.mark(recent_class, students=[pb.StudentMark(user_id=STUDENT, status=pb.late)])
    mark = parent.mark(recent_class, student_attendance_status=pb.late)
    assert await refusal(mark) == (StatusCode.FAILED_PRECONDITION, "ALREADY_RECORDED")
    assert platform.rows(RAISED) == []
    assert len(platform.decisions(recent_class, "id")) == 1


@WORDS_ARE_CLAIMS
async def test_all_rules_of_marks_and_of_claims_hold(
    parent: Client,
    tutor: Client,
    admin: Client,
    recent: int,
    lesson: int,
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    etag = (await parent.session(recent)).attendance_etag
    await admin.mark(recent, student_attendance_status=pb.absent, attendance_notes="Checked")

    def word(**fields: Any) -> Any:  # noqa: ANN401
        return parent.mark(recent, **{"student_attendance_status": pb.present} | fields)

    assert await refusal(word(attendance_etag=etag)) == (StatusCode.ABORTED, "ATTENDANCE_CHANGED")
    refused = await refusal(word(tutor_attendance_status=pb.absent))
    assert refused == (StatusCode.PERMISSION_DENIED, "PARENTS_REPORT_THEIR_CHILD")
    assert (await word()).claim_id == 1
    assert await refusal(word()) == (StatusCode.FAILED_PRECONDITION, "CLAIM_OPEN")
    # Marked just now, so the time for claims has only begun.
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert (await parent.mark(lesson, student_attendance_status=pb.late)).claim_id == 2


@WORDS_ARE_CLAIMS
async def test_the_claim_keeps_what_was_suggested(
    parent: Client,
    tutor: Client,
    lesson: int,
    tracking: TrackingStandIn,
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await parent.mark(lesson, student_attendance_status=pb.late)
    assert [it.suggested_status for it in await claims(parent)] == ["late"]
    assert tracking.requests != []


# What a parent's word replaced


async def changed(caller: Client, session_id: int) -> tuple[bool, bool]:
    card, [listed] = await caller.session(session_id), (await caller.sessions()).sessions
    return card.parent_changed_mark, listed.parent_changed_mark


async def test_a_session_says_that_a_parent_s_word_replaced_a_tutor_s_until_another_decides(
    parent: Client, tutor: Client, lesson: int
) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    assert await changed(tutor, lesson) == (False, False)
    for status in (pb.present, pb.late):
        await parent.mark(lesson, student_attendance_status=status)
        assert await changed(tutor, lesson) == await changed(parent, lesson) == (True, True)
    await tutor.mark(lesson, tutor_attendance_status=pb.present)
    assert await changed(tutor, lesson) == (True, True)
    await tutor.mark(lesson, student_attendance_status=pb.late)
    assert await changed(tutor, lesson) == (False, False)


async def test_a_parent_who_says_the_same_or_speaks_first_changes_nothing(
    parent: Client, tutor: Client, recent: int
) -> None:
    await parent.mark(recent, student_attendance_status=pb.absent)
    assert await changed(tutor, recent) == (False, False)
    await tutor.mark(recent, student_attendance_status=pb.late)
    await parent.mark(recent, student_attendance_status=pb.late)
    assert await changed(tutor, recent) == (False, False)
    await parent.mark(recent, student_attendance_status=pb.present)
    assert await changed(tutor, recent) == (True, True)
    # Back to what the tutor said.
    await parent.mark(recent, student_attendance_status=pb.late)
    assert await changed(tutor, recent) == (False, False)


async def test_a_mark_from_before_the_ledger_counts_as_another_person_s(
    parent: Client, tutor: Client, platform: Platform
) -> None:
    session_id = platform.add_session(attendance_source="manual", student_attendance_status="absent")
    await parent.mark(session_id, student_attendance_status=pb.present)
    assert await changed(tutor, session_id) == (True, True)


async def test_a_withdrawn_word_still_changed_the_mark(parent: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, student_attendance_status=pb.absent)
    await parent.mark(lesson, student_attendance_status=pb.present)
    await parent.report("WithdrawDecision", session_id=lesson)
    assert await changed(tutor, lesson) == (True, True)


async def test_an_accepted_claim_is_the_tutor_s_decision(
    parent: Client, student: Client, tutor: Client, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    await parent.mark(recent, student_attendance_status=pb.late)
    raised = await claim(student, recent, pb.present)
    assert (raised.recorded_status, raised.raised_by) == ("late", STUDENT)
    await answer(tutor, raised.claim_id, pb.accepted)
    assert await changed(tutor, recent) == (False, False)


async def test_classmates_do_not_see_it(
    parent: Client, student: Client, tutor: Client, platform: Platform, recent_class: int
) -> None:
    await tutor.mark(recent_class, student_attendance_status=pb.absent)
    await parent.mark(recent_class, students=[pb.StudentMark(user_id=CLASSMATE, status=pb.present)])
    assert await changed(tutor, recent_class) == await changed(parent, recent_class) == (True, True)
    assert await changed(student, recent_class) == (False, False)
    assert platform.decisions(recent_class, "decided_by")[-1] == (PARENT,)
