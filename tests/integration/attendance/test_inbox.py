"""What waits for a person, or is new to them (docs/decisions.md#claims)."""

from __future__ import annotations

from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from testkit.grpc_errors import refusal
from tests.integration.attendance.claims import answer, claim, days_ago
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import (
    CLASS,
    CLASSMATE,
    OTHER_PARENT,
    OTHER_STUDENT,
    OTHER_TUTOR,
    OTHERS,
    PARENT,
    STUDENT,
    Platform,
)


async def inbox(caller: Client) -> list[pb.InboxItem]:
    return list((await caller.report("ListInbox")).items)


async def kinds(caller: Client) -> list[tuple[str, int]]:
    """Return the kind and the session of each item."""
    return [(item.kind, item.session.id) for item in await inbox(caller)]


def coming(platform: Platform, **columns: object) -> int:
    return platform.add_session(session_date="2099-03-02", status="scheduled", **columns)


async def test_all_kinds_of_items_come_with_their_sessions_newest_first(
    student: Client, parent: Client, tutor: Client, admin: Client, platform: Platform
) -> None:
    claimed, changed = platform.add_session(**days_ago(1)), platform.add_session(**days_ago(2))
    announced = coming(platform)
    raised = await claim(student, claimed)
    await tutor.mark(changed, student_attendance_status=pb.absent)
    await parent.mark(changed, student_attendance_status=pb.late, attendance_notes="Power cut")
    notice = await parent.report("AnnounceAbsence", session_id=announced, reason="Fever")
    for caller in (tutor, admin):
        absence, word, claim_item = await inbox(caller)
        assert (absence.kind, absence.absence_notice) == ("absence_notice", notice)
        assert absence.happened_at == notice.announced_at
        assert (absence.session.id, absence.session.students[0].absence_announced) == (announced, "Fever")
        assert (claim_item.kind, claim_item.claim, claim_item.happened_at) == ("claim", raised, raised.raised_at)
        assert (claim_item.session.id, claim_item.session.open_claims) == (claimed, 1)
        assert (word.kind, word.session.id, word.session.parent_changed_mark) == ("parents_word", changed, True)
        reported = word.parents_word
        assert (reported.student_id, reported.user_id, reported.student_name) == (21, STUDENT, "Sara Tesfaye")
        assert (reported.status_before, reported.status_after) == ("absent", "late")
        assert (reported.reported_by, reported.reported_by_name, reported.decision_id) == (PARENT, "Tesfaye Alemu", 2)
        assert not word.HasField("claim")
        assert not word.HasField("absence_notice")


async def test_what_is_done_is_gone(
    student: Client, parent: Client, tutor: Client, admin: Client, *, platform: Platform, recent: int
) -> None:
    changed, announced = platform.add_session(**days_ago(2)), coming(platform)
    raised = await claim(student, recent)
    await tutor.mark(changed, student_attendance_status=pb.absent)
    await parent.mark(changed, student_attendance_status=pb.late)
    await parent.report("AnnounceAbsence", session_id=announced, reason="Fever")
    assert len(await inbox(tutor)) == 3
    await answer(tutor, raised.claim_id, pb.declined, note="No")
    assert await kinds(tutor) == [("absence_notice", announced), ("parents_word", changed)]
    await admin.mark(changed, student_attendance_status=pb.late)
    assert await kinds(tutor) == [("absence_notice", announced)]
    await parent.report("AnnounceAbsence", session_id=announced, withdrawn=True)
    assert await kinds(tutor) == []


async def test_a_parents_word_that_is_withdrawn_again_stays_until_the_tutor_decides(
    parent: Client, tutor: Client, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    await parent.mark(recent, student_attendance_status=pb.present)
    await parent.report("WithdrawDecision", session_id=recent)
    [item] = await inbox(tutor)
    assert (item.kind, item.parents_word.status_before, item.parents_word.status_after) == (
        "parents_word",
        "absent",
        "",
    )
    assert item.session.students[0].attendance_source == "system_default"
    assert item.session.parent_changed_mark
    await tutor.mark(recent, student_attendance_status=pb.late)
    assert await inbox(tutor) == []


async def test_a_parent_who_withdraws_what_replaced_no_mark_is_in_no_inbox(
    parent: Client, tutor: Client, recent: int
) -> None:
    await parent.mark(recent, student_attendance_status=pb.absent)
    await parent.report("WithdrawDecision", session_id=recent)
    assert await inbox(tutor) == []


async def test_a_parents_word_that_is_withdrawn_is_gone_when_the_session_is_moved(
    parent: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    await tutor.mark(recent, student_attendance_status=pb.absent)
    await parent.mark(recent, student_attendance_status=pb.present)
    await parent.report("WithdrawDecision", session_id=recent)
    platform.run("UPDATE sessions SET session_date = '2099-04-01' WHERE id = %s", recent)
    assert await inbox(tutor) == []
    session = await tutor.session(recent)
    assert not session.parent_changed_mark


async def test_absences_are_shown_until_the_lesson_begins_is_moved_or_cancelled(
    parent: Client, tutor: Client, platform: Platform
) -> None:
    sessions = [coming(platform) for _ in range(3)]
    for session_id in sessions:
        await parent.report("AnnounceAbsence", session_id=session_id, reason="Fever")
    moved, cancelled, left = sessions
    platform.run("UPDATE sessions SET session_date = '2099-04-01' WHERE id = %s", moved)
    platform.run("UPDATE sessions SET status = 'cancelled' WHERE id = %s", cancelled)
    assert await kinds(tutor) == [("absence_notice", left)]
    # A notice about a lesson that is over.
    platform.run(
        "INSERT INTO absence_notices (session_id, session_date, start_time, announced_by, announced_by_role, reason,"
        " withdrawn) VALUES (%s, '2026-03-02', '10:00', 301, 'parent', 'Fever', FALSE)",
        platform.add_session(),
    )
    assert await kinds(tutor) == [("absence_notice", left)]


async def test_students_and_parents_read_of_absences_that_others_announced(
    student: Client, parent: Client, tutor: Client, platform: Platform, recent: int
) -> None:
    announced = coming(platform)
    await claim(student, recent)
    await tutor.report("AnnounceAbsence", session_id=announced, about_tutor=True, reason="Exam board")
    for caller in (student, parent):
        [item] = await inbox(caller)
        assert (item.absence_notice.name, item.absence_notice.reason) == ("Abebe Kebede", "Exam board")
        assert (item.absence_notice.about_tutor, item.absence_notice.HasField("student_id")) == (True, False)
    assert await kinds(tutor) == [("claim", recent)]


async def test_classmates_and_others_see_nothing(
    channel: aio.Channel, student: Client, parent: Client, tutor: Client, *, platform: Platform, recent_class: int
) -> None:
    announced = coming(platform, enrolled_courses_id=CLASS)
    await parent.report("AnnounceAbsence", session_id=announced, user_id=CLASSMATE, reason="Fever")
    await tutor.mark(recent_class, student_attendance_status=pb.absent)
    await parent.mark(recent_class, students=[pb.StudentMark(user_id=CLASSMATE, status=pb.present)])
    assert await inbox(student) == []
    others = ((OTHER_TUTOR, "tutor"), (OTHER_PARENT, "parent"), (OTHER_STUDENT, "student"))
    for user, role in others:
        assert await inbox(Client(channel, user, role)) == []
    assert await kinds(Client(channel, CLASSMATE, "student")) == [("absence_notice", announced)]
    assert len(await inbox(tutor)) == 2


async def test_a_tutor_sees_also_what_concerns_a_session_in_which_they_substitute(
    channel: aio.Channel, student: Client, platform: Platform
) -> None:
    whiteboard = platform.add_whiteboard(tutor_id=OTHER_TUTOR)
    session_id = platform.add_session(whiteboard_id=whiteboard, **days_ago(1))
    await claim(student, session_id)
    assert await kinds(Client(channel, OTHER_TUTOR, "tutor")) == [("claim", session_id)]


async def test_an_admin_sees_all(
    channel: aio.Channel, student: Client, admin: Client, platform: Platform, recent: int
) -> None:
    others = platform.add_session(enrolled_courses_id=OTHERS, **days_ago(1))
    await claim(student, recent)
    await claim(Client(channel, OTHER_STUDENT, "student"), others)
    assert await kinds(admin) == [("claim", others), ("claim", recent)]


async def test_an_inbox_comes_in_pages(
    student: Client, parent: Client, tutor: Client, platform: Platform, recent_class: int
) -> None:
    claimed = [platform.add_session(**days_ago(1)) for _ in range(3)]
    for session_id in claimed:
        await claim(student, session_id)
    # One decision about two students makes two items of the same time.
    await tutor.mark(recent_class, student_attendance_status=pb.absent)
    await parent.mark(recent_class, student_attendance_status=pb.late)
    announced = coming(platform)
    await parent.report("AnnounceAbsence", session_id=announced, reason="Fever")
    whole = await inbox(tutor)
    assert len(whole) == 6
    for size in (1, 2, 4, 6):
        pages = await tutor.pages("ListInbox", page_size=size)
        assert [item for page in pages for item in page.items] == whole
    assert [item.parents_word.student_id for item in whole[1:3]] == [22, 21]


async def test_an_inbox_is_read_by_kind_and_from_its_oldest_item_on(
    student: Client, parent: Client, tutor: Client, admin: Client, *, platform: Platform
) -> None:
    claimed = [platform.add_session(**days_ago(1)) for _ in range(3)]
    for session_id in claimed:
        await claim(student, session_id)
    announced = coming(platform)
    await parent.report("AnnounceAbsence", session_id=announced, reason="Fever")
    for size in (1, 2, 3):
        pages = await admin.pages("ListInbox", kind="claim", oldest_first=True, page_size=size)
        assert [item.session.id for page in pages for item in page.items] == claimed
    newest_first = await tutor.report("ListInbox", kind="claim")
    assert [item.session.id for item in newest_first.items] == claimed[::-1]
    whole = await tutor.report("ListInbox", oldest_first=True)
    assert [item.session.id for item in whole.items] == [*claimed, announced]
    assert list((await student.report("ListInbox", kind="claim")).items) == []


async def test_an_unknown_kind_and_a_token_of_the_other_order_are_refused(
    student: Client, tutor: Client, platform: Platform
) -> None:
    for _ in range(2):
        await claim(student, platform.add_session(**days_ago(1)))
    token = (await tutor.report("ListInbox", page_size=1)).next_page_token
    for fields in ({"kind": "news"}, {"page_token": token, "oldest_first": True}):
        assert await refusal(tutor.report("ListInbox", **fields)) == (
            StatusCode.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
        )


async def test_a_page_token_of_another_person_is_refused(
    student: Client, tutor: Client, admin: Client, platform: Platform
) -> None:
    for _ in range(2):
        await claim(student, platform.add_session(**days_ago(1)))
    token = (await tutor.report("ListInbox", page_size=1)).next_page_token
    call = admin.report("ListInbox", page_size=1, page_token=token)
    assert await refusal(call) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_a_moved_or_cancelled_session_has_no_parents_word_to_look_at(
    parent: Client, tutor: Client, platform: Platform
) -> None:
    moved, cancelled = platform.add_session(**days_ago(1)), platform.add_session(**days_ago(1))
    for session_id in (moved, cancelled):
        await tutor.mark(session_id, student_attendance_status=pb.absent)
        await parent.mark(session_id, student_attendance_status=pb.late)
    assert len(await inbox(tutor)) == 2
    platform.run("UPDATE sessions SET session_date = '2099-01-01', status = 'scheduled' WHERE id = %s", moved)
    platform.run("UPDATE sessions SET status = 'cancelled' WHERE id = %s", cancelled)
    assert await inbox(tutor) == []
    assert not (await tutor.session(moved)).parent_changed_mark
