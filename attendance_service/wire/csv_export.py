"""Messages as comma-separated values (RFC 4180): one line per message, the fields' names on the first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from google.api import httpbody_pb2
from google.protobuf.message import Message

CONTENT_TYPE = "text/csv; charset=utf-8"
#: Spreadsheets read text that begins with one of these as a formula, and would run what a person entered as a name.
_FORMULA_STARTS = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
#: Makes spreadsheets show the rest as text.
_TEXT_MARK = "'"


def csv_file(kind: type[Message], rows: Iterable[Message]) -> httpbody_pb2.HttpBody:
    """Return messages of one flat type as a CSV file; unset fields are empty."""
    columns = [column.name for column in kind.DESCRIPTOR.fields]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row, column) for column in columns] for row in rows)
    return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=text.getvalue().encode())


def _cell(row: Message, name: str) -> object:
    column = row.DESCRIPTOR.fields_by_name[name]
    if column.has_presence and not row.HasField(name):
        return ""
    value = getattr(row, name)
    if column.enum_type is not None:
        return column.enum_type.values_by_number[value].name
    return _TEXT_MARK + value if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
