from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.policy import (
    BUILT_IN_POLICY,
    DEFAULT_LIMITS,
    Limits,
    Policy,
    limits_of,
    policy_in_force,
)
from servicekit.identifiers import CourseId
from testkit.source_tree import ROOT

MATHEMATICS, PHYSICS, BIOLOGY = CourseId(41), CourseId(42), CourseId(43)
GENERAL = Policy(version=1, limits=Limits(many_reconnects_from=4))
OF_MATHEMATICS = Policy(version=2, limits=Limits(many_reconnects_from=5), course_id=MATHEMATICS)
OF_PHYSICS = Policy(version=3, limits=Limits(many_reconnects_from=6), course_id=PHYSICS)
OTHER_LIMITS = Limits(late_from=timedelta(minutes=7), absent_below_percent=25, presence_timeout=timedelta(seconds=90))


def test_without_any_policy_the_built_in_one_applies() -> None:
    assert policy_in_force([], frozenset({MATHEMATICS})) == BUILT_IN_POLICY


def test_a_course_without_its_own_policy_follows_the_general_one() -> None:
    assert policy_in_force([GENERAL, OF_MATHEMATICS], frozenset({BIOLOGY})) == GENERAL


def test_a_session_without_a_course_follows_the_general_one() -> None:
    assert policy_in_force([GENERAL, OF_MATHEMATICS], frozenset()) == GENERAL


def test_a_course_s_own_policy_overrides_the_general_one() -> None:
    assert policy_in_force([GENERAL, OF_MATHEMATICS], frozenset({MATHEMATICS})) == OF_MATHEMATICS


def test_if_one_of_several_courses_has_a_policy_it_applies() -> None:
    assert policy_in_force([GENERAL, OF_MATHEMATICS], frozenset({MATHEMATICS, BIOLOGY})) == OF_MATHEMATICS


def test_if_several_courses_have_policies_the_general_one_applies() -> None:
    newest = [GENERAL, OF_MATHEMATICS, OF_PHYSICS]
    assert policy_in_force(newest, frozenset({MATHEMATICS, PHYSICS})) == GENERAL


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, OTHER_LIMITS])
def test_a_document_of_limits_is_read_back_unchanged(limits: Limits) -> None:
    assert limits_of(limits.as_document()) == limits


def test_limits_that_a_document_does_not_name_are_built_in() -> None:
    assert limits_of({"late_from_seconds": 420}) == replace(DEFAULT_LIMITS, late_from=timedelta(minutes=7))


def test_a_policy_names_every_limit_of_the_contract_and_no_other() -> None:
    assert list(DEFAULT_LIMITS.as_policy()) == [field.name for field in pb.PolicyLimits.DESCRIPTOR.fields]


def test_the_document_shows_the_built_in_limits() -> None:
    document = (ROOT / "docs" / "policies.md").read_text()
    for name, value in DEFAULT_LIMITS.as_policy().items():
        shown = str(value).lower() if isinstance(value, bool) else f"{value:g}"
        assert f"| `{name}` | {shown} |" in document
