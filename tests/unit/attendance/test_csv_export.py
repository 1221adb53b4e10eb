from __future__ import annotations

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.wire.csv_export import csv_file


def cell(name: str) -> str:
    """Return the cell of a name."""
    body = csv_file(pb.SuggestionAgreement, [pb.SuggestionAgreement(month="2026-03", reason=name)])
    _, _, line = str(body.data.decode()).partition("\r\n")
    return line.removesuffix("\r\n").removeprefix("2026-03,CONFIDENCE_UNSPECIFIED,").removesuffix(",0,0")


def test_without_rows_there_is_a_header_line() -> None:
    body = csv_file(pb.SuggestionAgreement, [])
    assert body.content_type == "text/csv; charset=utf-8"
    assert body.data == b"month,confidence,reason,decided,agreed\r\n"


def test_enum_values_are_the_documented_words() -> None:
    body = csv_file(pb.SuggestionAgreement, [pb.SuggestionAgreement(confidence=pb.high)])
    assert body.data.endswith(b"\r\n,high,,0,0\r\n")


def test_an_unset_number_is_empty_and_a_zero_is_not() -> None:
    rows = [pb.TutorAttendanceRate(tutor_name="a"), pb.TutorAttendanceRate(tutor_name="b", attendance_rate=0)]
    lines = csv_file(pb.TutorAttendanceRate, rows).data.decode().splitlines()
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
def test_a_name_that_looks_like_a_formula_is_escaped(name: str) -> None:
    assert cell(name) == f"'{name}"


@pytest.mark.parametrize("name", ["abebe", "a=b", "\N{ETHIOPIC SYLLABLE HA}", "", "'quoted"])
def test_any_other_name_is_not_changed(name: str) -> None:
    assert cell(name) == name


def test_commas_quotes_and_line_breaks_stay_in_their_cell() -> None:
    assert cell('a, "b"\nc') == '"a, ""b""\nc"'
