"""The calls that the gateway offers as REST: each method with a google.api.http, and how it is bound."""

from __future__ import annotations

import re
from dataclasses import dataclass

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from astegni.attendance.v1 import attendance_pb2
from astegni.tracking.v1 import tracking_pb2

#: The services behind the gateway by their tags, which are the implementation guide's words.
SERVICES = {
    "whiteboard-tracking": tracking_pb2.DESCRIPTOR.services_by_name["TrackingService"],
    "attendance": attendance_pb2.DESCRIPTOR.services_by_name["AttendanceService"],
}
VERBS = ("get", "put", "post", "delete", "patch")
#: The request without what the path has bound.
WHOLE_REQUEST = "*"
HTTP_BODY = "google.api.HttpBody"


class NotDescribable(ValueError):
    """The protos hold something that the document has no words for yet; teach it, or write the proto otherwise."""


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
        """What is answered; of a stream, each of its messages."""
        return self.method.output_type

    @property
    def is_spreadsheet(self) -> bool:
        """Whether it answers bytes of its own, which are CSV everywhere."""
        return self.answer.full_name == HTTP_BODY

    @property
    def is_stream(self) -> bool:
        """Whether it answers server-sent events."""
        return self.method.server_streaming

    @property
    def path_fields(self) -> tuple[FieldDescriptor, ...]:
        """The request's fields that the path binds, in its order."""
        return tuple(self.method.input_type.fields_by_name[name] for name in re.findall(r"{(\w+)}", self.path))

    @property
    def query_fields(self) -> tuple[FieldDescriptor, ...]:
        """The request's fields that the query string binds: all others, where there is no body."""
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


def _call(tag: str, method: MethodDescriptor) -> Call:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    if rule.body not in {"", WHOLE_REQUEST} or rule.response_body or rule.additional_bindings:
        raise NotDescribable(f"{method.full_name} is bound in a way that the document can't tell yet")
    verb = next(verb for verb in VERBS if getattr(rule, verb))
    return Call(tag=tag, method=method, verb=verb, path=getattr(rule, verb), has_body=bool(rule.body))
