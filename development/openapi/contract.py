"""What the protos offer as REST, each method with a google.api.http option, and what their comments say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, SourceCodeInfo

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2

#: The services behind the gateway by their tags, which are those of the implementation guide.
SERVICES = {
    "whiteboard-tracking": tracking_pb2.DESCRIPTOR.services_by_name["TrackingService"],
    "attendance": attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"],
}
VERBS = ("get", "put", "post", "delete", "patch")
#: The body is the request, without the fields that the path binds.
WHOLE_REQUEST = "*"
HTTP_BODY = "google.api.HttpBody"
#: A path in source info is made of pairs: the number of a field of the descriptor, and an index in its list.
PAIR = 2
#: Prefix of our protos' packages; a descriptor set also holds what they import.
OUR_PACKAGES = "astegni."


class NotDescribable(ValueError):
    """The protos use something that this package does not support yet; the message says what."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One method as REST."""

    tag: str
    method: MethodDescriptor
    verb: str
    path: str
    has_body: bool

    @property
    def name(self) -> str:
        """The method's name, which no other call has."""
        return self.method.name

    @property
    def answer(self) -> Descriptor:
        """The message that is returned; of a stream, each of its messages."""
        return self.method.output_type

    @property
    def is_spreadsheet(self) -> bool:
        """Whether it returns bytes of its own, which are always CSV."""
        return self.answer.full_name == HTTP_BODY

    @property
    def is_stream(self) -> bool:
        """Whether it returns server-sent events."""
        return self.method.server_streaming

    @property
    def path_fields(self) -> tuple[FieldDescriptor, ...]:
        """The request's fields that the path binds, in its order."""
        return tuple(self.method.input_type.fields_by_name[name] for name in re.findall(r"{(\w+)}", self.path))

    @property
    def query_fields(self) -> tuple[FieldDescriptor, ...]:
        """The request's fields that the query string binds: all others, if there is no body."""
        if self.has_body:
            return ()
        bound = {field.name for field in self.path_fields}
        return tuple(field for field in self.method.input_type.fields if field.name not in bound)


def calls() -> tuple[Call, ...]:
    """Return every call, in the order of the protos; NotDescribable."""
    return tuple(
        _call(tag, method)
        for tag, service in SERVICES.items()
        for method in service.methods
        if method.GetOptions().HasExtension(annotations_pb2.http)
    )


def comments(descriptors: FileDescriptorSet) -> dict[str, str]:
    """Return the leading comment of each named element of our protos, by full name; each paragraph becomes one line.

    The full name of an enum value includes the enum's name, unlike in protobuf: `package.Enum.value`.
    """
    return {
        _full_name(file, location.path): _unwrapped(location.leading_comments)
        for file in descriptors.file
        if file.package.startswith(OUR_PACKAGES)
        for location in _commented(file.source_code_info.location)
    }


def _call(tag: str, method: MethodDescriptor) -> Call:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    if rule.body not in {"", WHOLE_REQUEST} or rule.response_body or rule.additional_bindings:
        raise NotDescribable(f"{method.full_name} has an HTTP rule that the document can't describe yet")
    verb = next(verb for verb in VERBS if getattr(rule, verb))
    return Call(tag=tag, method=method, verb=verb, path=getattr(rule, verb), has_body=bool(rule.body))


def _commented(locations: Iterable[SourceCodeInfo.Location]) -> Iterator[SourceCodeInfo.Location]:
    """Leave out the syntax and the package, which have no name and whose paths are single numbers."""
    return (location for location in locations if location.leading_comments and len(location.path) % PAIR == 0)


def _full_name(file: FileDescriptorProto, path: Sequence[int]) -> str:
    names, element = [file.package], file
    for number, index in zip(path[::PAIR], path[1::PAIR], strict=True):
        element = getattr(element, element.DESCRIPTOR.fields_by_number[number].name)[index]
        names.append(element.name)
    return ".".join(names)


def _unwrapped(comment: str) -> str:
    paragraphs = re.split(r"\n\s*\n", comment.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
