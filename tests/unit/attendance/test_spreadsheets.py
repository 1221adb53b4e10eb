from __future__ import annotations

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.wire.spreadsheets import spreadsheet


def cell(name: str) -> str:
    """Return how a name stands in a spreadsheet."""
    body = spreadsheet(pb.SuggestionAgreement, [pb.SuggestionAgreement(month="2026-03", reason=name)])
    _, _, line = str(body.data.decode()).partition("\r\n")
    return line.removesuffix("\r\n").removeprefix("2026-03,CONFIDENCE_UNSPECIFIED,").removesuffix(",0,0")


def test_without_rows_there_is_a_header_line() -> None:
    body = spreadsheet(pb.SuggestionAgreement, [])
    assert body.content_type == "text/csv; charset=utf-8"
    assert body.data == b"month,confidence,reason,decided,agreed\r\n"


def test_enum_values_are_the_documented_words() -> None:
    body = spreadsheet(pb.SuggestionAgreement, [pb.SuggestionAgreement(confidence=pb.high)])
    assert body.data.endswith(b"\r\n,high,,0,0\r\n")


def test_an_unset_number_is_empty_and_a_zero_is_not() -> None:
    rows = [pb.TutorAttendanceRate(tutor_name="a"), pb.TutorAttendanceRate(tutor_name="b", attendance_rate=0)]
    lines = spreadsheet(pb.TutorAttendanceRate, rows).data.decode().splitlines()
    assert lines[1:] == ["a,0,0,0,0,0,", "b,0,0,0,0,0,0.0"]


@pytest.mark.parametrize(
    "name",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"),
        "\N{FULLWIDTH EQUALS SIGN}1",
        "\N{FULLWIDTH PLUS SIGN}1",
        "\N{FULLWIDTH HYPHEN-MINUS}1",
        "\N{FULLWIDTH COMMERCIAL AT}1",
    ],
)
def test_a_formula_is_shown_and_not_run(name: str) -> None:
    assert cell(name) == f"'{name}"


@pytest.mark.parametrize("name", ["abebe", "a=b", "\N{ETHIOPIC SYLLABLE HA}", "", "'quoted"])
def test_any_other_name_stands_as_it_is(name: str) -> None:
    assert cell(name) == name


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    assert cell('a, "b"\nc') == '"a, ""b""\nc"'
