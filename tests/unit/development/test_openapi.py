"""The OpenAPI generator refuses what it can't describe."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, SourceCodeInfo
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import UInt64Value

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2
from development.openapi.contract import Call, NotDescribable, comments
from development.openapi.schemas import component_schemas, value_schema

SUGGESTION = attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"].methods_by_name["GetAttendanceSuggestion"]
METRICS = tracking_pb2.DESCRIPTOR.services_by_name["PresenceQueryService"].methods_by_name["GetConnectionMetrics"]


class EveryComment(dict[str, str]):
    """A comment for everything."""

    def __missing__(self, name: str) -> str:
        return name


def call(method: MethodDescriptor) -> Call:
    return Call(tag="attendance", method=method, verb="get", path="/api", has_body=False)


@pytest.mark.parametrize(
    ("field", "reported"),
    [
        (UInt64Value.DESCRIPTOR.fields_by_name["value"], "a type"),
        (Struct.DESCRIPTOR.fields_by_name["fields"], "a map"),
    ],
)
def test_an_unsupported_kind_of_field_is_named(field: FieldDescriptor, reported: str) -> None:
    with pytest.raises(NotDescribable, match=f"{field.full_name} (has|is) {reported}"):
        value_schema(field)


def test_two_messages_of_the_same_name_are_refused() -> None:
    # Both packages have a PresenceInterval and a TimeStretch.
    with pytest.raises(NotDescribable, match="the same name"):
        component_schemas([call(SUGGESTION), call(METRICS)], EveryComment())


def test_a_comment_loses_its_line_breaks_and_keeps_its_paragraphs() -> None:
    said = SourceCodeInfo.Location(path=[4, 0], leading_comments=" One thing,\n said at length.\n\n And another.\n")
    file = FileDescriptorProto(package="astegni.test.v1", source_code_info=SourceCodeInfo(location=[said]))
    file.message_type.add(name="Thing")
    assert comments(FileDescriptorSet(file=[file])) == {
        "astegni.test.v1.Thing": "One thing, said at length.\n\nAnd another."
    }
