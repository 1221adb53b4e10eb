"""Print one of the reports, as the API gives it."""

from __future__ import annotations

import csv
import io
import sys
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.table import Table

from attendancectl.gateway_client import GatewayClient
from attendancectl.options import AsJson, user_id
from attendancectl.output import console, print_json
from attendancectl.settings import OperatorSettings
from servicekit.identifiers import MAX_ID, UserId
from servicekit.settings import load

EXAMPLE = "attendancectl report tutor-attendance --from 2026-11-01 --to 2026-11-30 --csv > november.csv"
#: An admin who is nobody: it only reads, and what an admin sees does not depend on who that is.
_OPERATOR: Final = str(MAX_ID)
_BYTE_ORDER_MARK: Final = "\ufeff"


class Report(StrEnum):
    """The reports of docs/reports.md."""

    TUTOR_ATTENDANCE = "tutor-attendance"
    STUDENT_ATTENDANCE = "student-attendance"
    WHITEBOARD_ENGAGEMENT = "whiteboard-engagement"
    LESSON_OUTCOMES = "lesson-outcomes"
    ATTENDANCE_TREND = "attendance-trend"
    STUDENTS_AT_RISK = "students-at-risk"
    SUGGESTION_ACCURACY = "suggestion-accuracy"


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-11-30") from error


def run(
    report: Annotated[Report, typer.Argument(help="Which one; docs/reports.md explains each.")],
    *,
    first_day: Annotated[
        date | None, typer.Option("--from", parser=_day, metavar="YYYY-MM-DD", help="First day; default: all.")
    ] = None,
    last_day: Annotated[
        date | None, typer.Option("--to", parser=_day, metavar="YYYY-MM-DD", help="Last day, included.")
    ] = None,
    tutor: Annotated[
        UserId | None, typer.Option(parser=user_id, metavar="ID", help="As this tutor (users.id) sees it.")
    ] = None,
    student: Annotated[int | None, typer.Option(metavar="ID", help="Of this student (student_profiles.id).")] = None,
    group_by: Annotated[str, typer.Option(help="Lesson outcomes by day, tutor or student.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as the API exports it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a report for a time, of the whole platform or as a tutor sees it: as a table, CSV or JSON.

    It asks the gateway of GATEWAY_PROBE_ADDRESS, with a token signed by the keys of the environment: as an admin, or
    with --tutor as that tutor. Exit status: 0 done, 2 refused, with the reason.
    """
    client = GatewayClient(
        load(OperatorSettings), subject=_OPERATOR if tutor is None else str(tutor), role="tutor" if tutor else "admin"
    )
    path = _path(report, student)
    parameters = {
        "date_from": "" if first_day is None else first_day.isoformat(),
        "date_to": "" if last_day is None else last_day.isoformat(),
        "group_by": group_by,
        # Of the trend alone; other reports have no such parameter.
        "student_id": "" if student is None or report != Report.ATTENDANCE_TREND else str(student),
    }
    if as_json:
        print_json({"report": report.value, "rows": list(client.rows(path, parameters))})
        return
    text = client.get(f"{path}.csv", parameters).decode()
    if as_csv:
        sys.stdout.write(text)
    else:
        console().print(_table(text.removeprefix(_BYTE_ORDER_MARK)))


def _path(report: Report, student: int | None) -> str:
    if report != Report.STUDENT_ATTENDANCE:
        return f"/api/reports/{report}"
    if student is None:
        raise typer.BadParameter("name the student: --student ID (student_profiles.id)")
    return f"/api/reports/students/{student}/attendance"


def _table(text: str) -> Table:
    header, *rows = csv.reader(io.StringIO(text))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in header:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*row)
    if not rows:
        table.caption = "There is nothing in this time."
    return table
