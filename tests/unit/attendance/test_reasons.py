from __future__ import annotations

import re
from pathlib import Path

import pytest

from attendance_service.domain.judgement import reason
from attendance_service.domain.reasons import TEMPLATES, ReasonCode

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "suggestions.md"


def test_the_document_lists_every_code_with_its_sentence() -> None:
    section = DOCUMENT.read_text().partition("## Reasons")[2].partition("\n## ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))
    assert documented == {code.value: sentence for code, sentence in TEMPLATES.items()}


@pytest.mark.parametrize("code", ReasonCode)
def test_every_reason_is_one_sentence(code: ReasonCode) -> None:
    assert re.fullmatch(r"[A-Z{].*\.", TEMPLATES[code])


def test_a_reason_fills_in_its_numbers() -> None:
    assert reason(ReasonCode.LATE, lateness="7", engagement="80").sentence == "Joined 7 min after the start."
