"""Messages as a CSV file that spreadsheets open by a double click (docs/reports.md#csv)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from google.api import httpbody_pb2
from google.protobuf.message import Message

from attendance_service.wire.fields import invalid

CONTENT_TYPE = "text/csv; charset=utf-8"
DEFAULT_SEPARATOR = ","
#: The second is what spreadsheets expect where numbers have a decimal comma.
SEPARATORS = (DEFAULT_SEPARATOR, ";")
#: Without it, Excel on Windows reads another encoding than UTF-8 and garbles Amharic.
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
#: Spreadsheets read text that begins with one of these as a formula, and would run what a person entered as a name.
_FORMULA_SIGN = (
    "[-=+@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
#: Spaces and quotation marks before a sign may be lost when a file is read.
_FORMULA = rf'(?:[^\S\t\r\n]|")*{_FORMULA_SIGN}'
_BEGINS_CELL = re.compile(rf"{_FORMULA}|[\t\r\n]")
#: A spreadsheet that expects another separator ignores quotation marks inside a cell, and begins one where we do not.
_BEGINS_CELL_INSIDE = re.compile(rf"(?<=[,;\t\r\n])(?={_FORMULA})")
#: Makes spreadsheets show the rest as text.
_TEXT_MARK = "'"


def csv_separator(requested: str) -> str:
    """Return the separator of a file; empty means a comma. InvalidArgument for any other than SEPARATORS."""
    if requested and requested not in SEPARATORS:
        raise invalid("separator", "must be a comma or a semicolon; unset means a comma")
    return requested or DEFAULT_SEPARATOR


def csv_file(
    kind: type[Message],
    rows: Iterable[Message],
    separator: str = DEFAULT_SEPARATOR,
    *,
    left_out: Collection[str] = (),
) -> httpbody_pb2.HttpBody:
    """Return messages of one flat type as a CSV file, without some fields.

    Text is quoted, numbers are not, and unset fields are empty.
    """
    columns = [column.name for column in kind.DESCRIPTOR.fields if column.name not in left_out]
    lines = [columns, *([_cell(row, column) for column in columns] for row in rows)]
    text = "".join(f"{separator.join(line)}\r\n" for line in lines)
    return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=(_BYTE_ORDER_MARK + text).encode())


def _cell(row: Message, name: str) -> str:
    column = row.DESCRIPTOR.fields_by_name[name]
    if column.has_presence and not row.HasField(name):
        return ""
    value = getattr(row, name)
    if column.enum_type is not None:
        return _quoted(column.enum_type.values_by_number[value].name)
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(_harmless(value)) if isinstance(value, str) else str(value)


def _harmless(text: str) -> str:
    """Return a text of which no part is read as a formula, whichever separator the reader expects."""
    marked = _BEGINS_CELL_INSIDE.sub(_TEXT_MARK, text)
    return _TEXT_MARK + marked if _BEGINS_CELL.match(marked) else marked


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
