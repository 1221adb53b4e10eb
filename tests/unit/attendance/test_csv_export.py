from __future__ import annotations

import csv
import io
from itertools import product

import pytest

from astegni.attendance.v1 import attendance_pb2 as pb
from attendance_service.wire.csv_export import csv_file, csv_separator
from servicekit.errors import InvalidArgument

#: "Abebe Kebede" in Amharic.
AMHARIC = "\u12a0\u1260\u1260 \u12a8\u1260\u12f0"


def text_of(row: pb.SuggestionAgreement, separator: str = ",") -> str:
    return str(csv_file(pb.SuggestionAgreement, [row], separator).data, "utf-8-sig")


def cells(name: str, *, written: str = ",", read: str = ",") -> list[list[str]]:
    """Return the lines of a file with a name, except the header, as a spreadsheet reads them."""
    text = text_of(pb.SuggestionAgreement(month="2026-03", reason=name), written)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=read))[1:]


def cell(name: str) -> str:
    """Return the cell of a name."""
    [line] = cells(name)
    return line[2]


def test_without_rows_there_is_a_header_line() -> None:
    body = csv_file(pb.SuggestionAgreement, [])
    assert body.content_type == "text/csv; charset=utf-8"
    assert body.data.decode("utf-8-sig") == "month,confidence,reason,decided,agreed\r\n"


def test_a_byte_order_mark_says_that_the_text_is_utf_8() -> None:
    assert csv_file(pb.SuggestionAgreement, []).data.startswith(b"\xef\xbb\xbfmonth,")


def test_enum_values_are_the_documented_words() -> None:
    assert text_of(pb.SuggestionAgreement(confidence=pb.high)).endswith('\r\n"","high","",0,0\r\n')


def test_text_is_quoted_and_numbers_are_not() -> None:
    row = pb.SuggestionAgreement(month="2026-03", confidence=pb.low, reason="late", decided=3, agreed=2)
    assert text_of(row).splitlines()[1] == '"2026-03","low","late",3,2'


def test_fields_can_be_separated_by_semicolons() -> None:
    row = pb.SuggestionAgreement(month="2026-03", confidence=pb.low, reason="a,b;c", decided=3, agreed=2)
    assert text_of(row, ";").splitlines() == [
        "month;confidence;reason;decided;agreed",
        '"2026-03";"low";"a,b;c";3;2',
    ]


def test_an_unset_number_is_empty_and_a_zero_is_not() -> None:
    rows = [pb.TutorAttendanceRate(tutor_name="a"), pb.TutorAttendanceRate(tutor_name="b", attendance_rate=0)]
    lines = csv_file(pb.TutorAttendanceRate, rows).data.decode().splitlines()
    assert lines[1:] == ['"a",0,0,0,0,0,,0,0,""', '"b",0,0,0,0,0,0.0,0,0,""']


SIGNS = (
    *("=", "+", "-", "@"),
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
FORMULAS = (*(f"{sign}1" for sign in SIGNS), "@SUM(A1)", " =1", '"=1')


@pytest.mark.parametrize("name", [*FORMULAS, "\t=1", "\rx"])
def test_a_name_that_looks_like_a_formula_is_escaped(name: str) -> None:
    assert cell(name).startswith("'")
    assert cell(name).replace("'", "") == name


@pytest.mark.parametrize("written", [",", ";"])
@pytest.mark.parametrize("read", [",", ";", "\t"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_part_of_a_name_is_a_formula_whichever_separator_a_spreadsheet_expects(
    written: str, read: str, formula: str
) -> None:
    for before, separator in product(("Abebe", "Abebe\r\n", '"', "x;;;"), (",", ";", "\t", "\n")):
        lines = cells(before + separator + formula, written=written, read=read)
        parts = [part.strip(' "') for line in lines for part in line]
        assert [part for part in parts if part.startswith(SIGNS)] == []


@pytest.mark.parametrize("name", ["abebe", "a=b", AMHARIC, "", "'quoted", "Bus; then rain, 2 km - late"])
def test_any_other_name_is_not_changed(name: str) -> None:
    assert cell(name) == name


def test_separators_quotes_and_line_breaks_stay_in_their_cell() -> None:
    for separator in (",", ";"):
        [line] = cells('a, "b";\nc', written=separator, read=separator)
        assert line[2] == 'a, "b";\nc'


def test_the_separator_is_a_comma_unless_a_semicolon_is_requested() -> None:
    assert [csv_separator(requested) for requested in ("", ",", ";")] == [",", ",", ";"]


@pytest.mark.parametrize("requested", ["\t", ";;", "=", '"'])
def test_any_other_separator_is_refused(requested: str) -> None:
    with pytest.raises(InvalidArgument):
        csv_separator(requested)
