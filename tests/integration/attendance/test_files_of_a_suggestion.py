"""docs/architecture.md lists the files that one suggestion passes, in order, and there are few of them."""

from __future__ import annotations

import re

from testkit.call_trace import tracing
from testkit.source_tree import ROOT
from tests.integration.attendance.own_service import OwnService
from tests.integration.attendance.platform import CLASS, CLASSMATE, STUDENT, TUTOR
from tests.integration.attendance.tracking_stand_in import there

MAX_FILES = 16


def documented_files() -> list[str]:
    """Return the files that the section names, in their order."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = text.partition("## The files a suggestion passes\n")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. `([\w/.]+)`", section, re.MULTILINE)


async def test_the_document_lists_the_files_that_run_for_one_suggestion(own_service: OwnService) -> None:
    session_id, whiteboard = own_service.platform.add_lesson(enrolled_courses_id=CLASS)
    own_service.tracking.knows(
        whiteboard, tutor=(TUTOR, [there(0, 60)]), one=(STUDENT, [there(5, 40)]), other=(CLASSMATE, [])
    )
    with tracing("attendance_service") as trace, trace.recording():
        suggestion = await own_service.client(TUTOR, "tutor").suggestion(session_id)
    assert len(suggestion.students) == 2
    documented = documented_files()
    # Besides, it is counted.
    assert [file for file in trace.files if file != "attendance_service/instruments.py"] == documented
    assert len(documented) <= MAX_FILES
