from __future__ import annotations

from collections.abc import Callable

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.domain.caller import Caller, CallerRole
from attendance_service.wire.absence_notices import absence_request
from attendance_service.wire.claims import claim_answer, claim_request
from attendance_service.wire.decisions import mark_request, withdrawal_request
from attendance_service.wire.free_texts import FreeTexts, MarkupRule
from attendance_service.wire.policies import policy_draft
from servicekit.errors import InvalidArgument
from servicekit.identifiers import UserId

STRICT = FreeTexts(MarkupRule.REFUSE)
MARKUP = ["<b>", "</p>", "<!--", "<?php", "<img src=x onerror=alert(1)>", "so: <SCRIPT>alert(1)</SCRIPT>", "<<a"]
TEXT = ["", "5 < 6", "<3", "a<5", "x > y", "&lt;b&gt;", "ok;=1+1", "<", "ተማሪው < 5 ደቂቃ", "\"quoted\" & 'so'"]
ADMIN = Caller(user_id=UserId(1), role=CallerRole.ADMIN)


def marked(**fields: str) -> object:
    return mark_request(pb.MarkAttendanceRequest(session_id=1, tutor_excused=True, **fields), STRICT)  # type: ignore[arg-type]


def student_marked(**fields: str) -> object:
    students = [pb.StudentMark(student_id=1, excused=True, **fields)]  # type: ignore[arg-type]
    return mark_request(pb.MarkAttendanceRequest(session_id=1, students=students), STRICT)


def claimed(note: str) -> object:
    request = pb.RaiseClaimRequest(session_id=1, student_id=1, claimed_status=pb.late, note=note)
    return claim_request(request, STRICT)


#: Every text that people write, by its field.
READERS: dict[str, Callable[[str], object]] = {
    "attendance_notes": lambda text: marked(attendance_notes=text),
    "tutor_excuse_reason": lambda text: marked(tutor_excuse_reason=text),
    "students[0].note": lambda text: student_marked(note=text),
    "students[0].excuse_reason": lambda text: student_marked(excuse_reason=text),
    "notes": lambda text: withdrawal_request(pb.WithdrawDecisionRequest(session_id=1, notes=text), STRICT),
    "reason": lambda text: absence_request(
        pb.AnnounceAbsenceRequest(session_id=1, student_id=1, reason=text), ADMIN, STRICT
    ),
    "note of a claim": claimed,
    "note of an answer": lambda text: claim_answer(
        pb.AnswerClaimRequest(claim_id=1, answer=pb.ClaimAnswer.declined, note=text), STRICT
    ),
    "note of another answer": lambda text: claim_answer(
        pb.AnswerClaimRequest(claim_id=1, answer=pb.ClaimAnswer.accepted, note=text), STRICT
    ),
    "note of a policy": lambda text: policy_draft(
        pb.CreatePolicyRequest(limits=pb.PolicyLimits(late_from_seconds=660), note=text), STRICT
    ),
}


@pytest.mark.parametrize("field", READERS)
def test_markup_in_any_text_is_refused_by_its_field_where_that_is_the_rule(field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        READERS[field]("He wrote <b>bold</b>.")
    (violation,) = refused.value.violations
    assert violation.field == field.split(" ", maxsplit=1)[0]
    assert "`<b`" in violation.description


@pytest.mark.parametrize("text", MARKUP)
def test_what_begins_a_tag_is_markup(text: str) -> None:
    with pytest.raises(InvalidArgument):
        STRICT.read("note", text)


@pytest.mark.parametrize("text", TEXT)
def test_a_sign_alone_is_text(text: str) -> None:
    assert STRICT.read("note", text) == text


@pytest.mark.parametrize("text", MARKUP + TEXT)
def test_by_default_everything_is_kept_as_it_was_written(text: str) -> None:
    assert FreeTexts().read("note", text) == text
