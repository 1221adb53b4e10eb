from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import StatusCode, aio

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.policy import DEFAULT_LIMITS
from attendance_service.wire.policies import limits_message
from testkit.grpc_errors import details, refusal
from tests.integration.attendance.client import Client
from tests.integration.attendance.platform import ADMIN, OTHERS, Platform
from tests.integration.attendance.tracking_stand_in import TrackingStandIn

#: courses.id of the tests' platform; LESSONS are in both, OTHERS only in the first.
MATHEMATICS, PHYSICS = 41, 42
#: With these, ten minutes late is present.
LENIENT = pb.PolicyLimits(late_from_seconds=660)
METHODS = ("ListPolicies", "GetPolicy", "CreatePolicy", "ListCourses", "EvaluatePolicy")


async def create(admin: Client, limits: pb.PolicyLimits = LENIENT, **fields: Any) -> pb.AttendancePolicy:  # noqa: ANN401
    policy: pb.AttendancePolicy = await admin.report("CreatePolicy", limits=limits, **fields)
    return policy


async def versions(admin: Client, **fields: Any) -> list[int]:  # noqa: ANN401
    return [policy.version for policy in (await admin.report("ListPolicies", **fields)).policies]


async def test_at_first_there_is_only_the_built_in_policy(admin: Client) -> None:
    [policy] = (await admin.report("ListPolicies")).policies
    assert policy == pb.AttendancePolicy(version=0, limits=limits_message(DEFAULT_LIMITS), in_force=True)


async def test_a_policy_is_stored_with_all_limits_and_who_when_and_why(admin: Client) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    created = await create(admin, course_id=PHYSICS, note="The bus is never on time.")
    assert created == await admin.report("GetPolicy", version=created.version)
    assert (created.version, created.course_id, created.note) == (1, PHYSICS, "The bus is never on time.")
    assert (created.created_by, created.created_by_name, created.in_force) == (ADMIN, "Ada Admin", True)
    assert created.created_at.ToDatetime(tzinfo=UTC) > before
    expected = limits_message(DEFAULT_LIMITS)
    expected.late_from_seconds = 660
    assert created.limits == expected


async def test_suggestions_are_judged_by_the_newest_policy_and_name_it(
    admin: Client, tutor: Client, lesson: int
) -> None:
    before = await tutor.suggestion(lesson)
    assert (before.student_status_suggestion, before.policy_version, before.late_from_seconds) == (pb.late, 0, 300)
    policy = await create(admin)
    after = await tutor.suggestion(lesson)
    assert (after.student_status_suggestion, after.policy_version) == (pb.present, policy.version)
    assert after.late_from_seconds == 660


async def test_a_suggestion_shown_under_another_policy_cannot_be_accepted(
    admin: Client, tutor: Client, lesson: int
) -> None:
    shown = await tutor.suggestion(lesson)
    await create(admin, pb.PolicyLimits())
    accept = tutor.mark(lesson, use_suggestion=True, etag=shown.etag)
    assert await refusal(accept) == (StatusCode.ABORTED, "SUGGESTION_CHANGED")


async def test_a_decision_keeps_its_policy_and_limits(
    admin: Client, tutor: Client, platform: Platform, lesson: int
) -> None:
    policy = await create(admin)
    await tutor.mark(lesson, use_suggestion=True)
    [(version, limits)] = platform.decisions(lesson, "policy_version", "limits")
    assert version == policy.version
    assert (limits["late_from_seconds"], limits["presence_timeout_seconds"]) == (660, 75)
    [decision] = (await tutor.history(lesson)).decisions
    assert decision.policy_version == policy.version


async def test_a_new_policy_is_not_a_changed_fact(admin: Client, tutor: Client, lesson: int) -> None:
    await tutor.mark(lesson, use_suggestion=True)
    await create(admin)
    card = await tutor.session(lesson)
    assert card.HasField("facts_changed_since_decision")
    assert not card.facts_changed_since_decision


async def test_a_course_follows_its_own_policy(
    admin: Client, platform: Platform, tracking: TrackingStandIn, lesson: int
) -> None:
    session_id, whiteboard = platform.add_lesson(enrolled_courses_id=OTHERS)
    tracking.participants[whiteboard] = next(iter(tracking.participants.values()))
    policy = await create(admin, course_id=PHYSICS)
    assert (await admin.suggestion(lesson)).policy_version == policy.version
    assert (await admin.suggestion(session_id)).policy_version == 0


async def test_a_session_in_two_courses_with_policies_follows_the_general_one(admin: Client, lesson: int) -> None:
    general = await create(admin)
    for course in (MATHEMATICS, PHYSICS):
        await create(admin, course_id=course)
    assert (await admin.suggestion(lesson)).policy_version == general.version


@pytest.mark.parametrize("scope", [{}, {"course_id": PHYSICS}])
async def test_a_withdrawn_policy_no_longer_applies(admin: Client, lesson: int, scope: dict[str, Any]) -> None:
    await create(admin, **scope)
    withdrawn = await admin.report("CreatePolicy", withdrawn=True, **scope)
    assert (withdrawn.withdrawn, withdrawn.in_force, withdrawn.HasField("limits")) == (True, True, False)
    assert (await admin.suggestion(lesson)).policy_version == 0


async def test_the_built_in_policy_is_in_force_while_no_general_policy_replaces_it(
    admin: Client,
) -> None:
    seen = [(await admin.report("GetPolicy", version=0)).in_force]
    await create(admin, course_id=PHYSICS)
    seen.append((await admin.report("GetPolicy", version=0)).in_force)
    await create(admin)
    seen.append((await admin.report("GetPolicy", version=0)).in_force)
    await admin.report("CreatePolicy", withdrawn=True)
    seen.append((await admin.report("GetPolicy", version=0)).in_force)
    assert seen == [True, True, False, True]


async def test_of_two_policies_of_one_course_the_newest_is_in_force(admin: Client) -> None:
    for course in (PHYSICS, MATHEMATICS, PHYSICS):
        await create(admin, course_id=course)
    policies = (await admin.report("ListPolicies")).policies
    assert [(it.version, it.in_force) for it in policies] == [(3, True), (2, True), (1, False), (0, True)]


async def test_policies_are_listed_by_course(admin: Client) -> None:
    for course in (PHYSICS, MATHEMATICS, PHYSICS):
        await create(admin, course_id=course)
    assert await versions(admin, course_id=PHYSICS) == [3, 1]


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_the_courses_that_a_policy_can_be_for_are_listed_with_their_names(admin: Client, size: int) -> None:
    pages = await admin.pages("ListCourses", page_size=size)
    courses = [(course.course_id, course.name) for page in pages for course in page.courses]
    assert courses == [(MATHEMATICS, "Mathematics"), (PHYSICS, "Physics")]


@pytest.mark.parametrize(
    ("renamed", "as_before", "names"),
    [
        ("courses RENAME COLUMN course_name TO title", "courses RENAME COLUMN title TO course_name", ["", ""]),
        ("courses RENAME TO topics", "topics RENAME TO courses", []),
    ],
    ids=["no names", "no courses"],
)
async def test_a_platform_may_have_no_courses_or_no_names(
    admin: Client, platform: Platform, renamed: str, as_before: str, names: list[str]
) -> None:
    platform.run(f"ALTER TABLE {renamed}")
    try:
        courses = (await admin.report("ListCourses")).courses
    finally:
        platform.run(f"ALTER TABLE {as_before}")
    assert [course.name for course in courses] == names


@pytest.mark.parametrize("size", [1, 2, 3, 4])
async def test_pages_go_down_to_the_built_in_policy(admin: Client, size: int) -> None:
    for _ in range(3):
        await create(admin)
    pages = await admin.pages("ListPolicies", page_size=size)
    assert [policy.version for page in pages for policy in page.policies] == [3, 2, 1, 0]


async def test_a_policy_replaces_the_one_that_the_admin_saw_or_is_refused(admin: Client) -> None:
    assert (await create(admin, course_id=PHYSICS, replaces_version=0)).version == 1
    again = create(admin, course_id=PHYSICS, replaces_version=0)
    assert await refusal(again) == (StatusCode.ABORTED, "POLICY_CHANGED")
    # Other scopes are other policies, and a withdrawn one is one that can be replaced.
    assert (await create(admin, replaces_version=0)).version == 2
    withdrawn = await admin.report("CreatePolicy", withdrawn=True, course_id=PHYSICS, replaces_version=1)
    assert (await create(admin, course_id=PHYSICS, replaces_version=withdrawn.version)).version == 4
    assert await versions(admin, course_id=PHYSICS) == [4, 3, 1]


async def test_of_policies_that_replace_the_same_one_at_once_one_is_created(admin: Client) -> None:
    attempts = [create(admin, course_id=PHYSICS, replaces_version=0) for _ in range(8)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [result for result in results if isinstance(result, aio.AioRpcError)]
    assert [error.code() for error in refused] == [StatusCode.ABORTED] * 7
    assert len(await versions(admin, course_id=PHYSICS)) == 1


async def test_every_invalid_limit_is_named(admin: Client) -> None:
    limits = pb.PolicyLimits(late_from_seconds=900, high_engagement_from_percent=20)
    with pytest.raises(aio.AioRpcError) as refused:
        await create(admin, limits)
    assert refused.value.code() is StatusCode.INVALID_ARGUMENT
    [bad] = details(refused.value, error_details_pb2.BadRequest)
    assert [(it.field, it.description) for it in bad.field_violations] == [
        ("limits.late_from_seconds", "must be 1 to 899: less than very_late_after_seconds"),
        ("limits.high_engagement_from_percent", "must be 30 to 100: at least absent_below_percent"),
    ]
    assert await versions(admin) == [0]


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("CreatePolicy", {}),
        ("CreatePolicy", {"limits": LENIENT, "withdrawn": True}),
        ("CreatePolicy", {"limits": LENIENT, "course_id": 0}),
        ("CreatePolicy", {"limits": LENIENT, "note": "x" * 2001}),
        ("CreatePolicy", {"limits": LENIENT, "note": "\x00"}),
        ("GetPolicy", {"version": -1}),
        ("ListPolicies", {"course_id": -1}),
        ("ListPolicies", {"page_size": 201}),
        ("ListPolicies", {"page_token": "x"}),
        ("ListCourses", {"page_size": 201}),
        ("ListCourses", {"page_token": "x"}),
    ],
)
async def test_an_invalid_request_is_refused(admin: Client, method: str, fields: dict[str, Any]) -> None:
    assert await refusal(admin.report(method, **fields)) == (StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


async def test_an_unknown_version_is_not_found(admin: Client) -> None:
    assert await refusal(admin.report("GetPolicy", version=4711)) == (StatusCode.NOT_FOUND, "POLICY_NOT_FOUND")


async def test_an_unknown_course_gets_no_policy(admin: Client) -> None:
    assert await refusal(create(admin, course_id=4711)) == (StatusCode.NOT_FOUND, "COURSE_NOT_FOUND")


@pytest.mark.usefixtures("platform")
async def test_an_admin_without_a_user_here_creates_no_policy(channel: aio.Channel) -> None:
    assert await refusal(create(Client(channel, 999, "admin"))) == (StatusCode.PERMISSION_DENIED, "CALLER_UNKNOWN")


@pytest.mark.parametrize("method", METHODS)
async def test_policies_are_only_for_admins(tutor: Client, method: str) -> None:
    fields = {"limits": LENIENT} if method in {"CreatePolicy", "EvaluatePolicy"} else {}
    assert await refusal(tutor.report(method, **fields)) == (StatusCode.PERMISSION_DENIED, "ROLE_MISSING")
