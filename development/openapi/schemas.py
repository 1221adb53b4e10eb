"""JSON schemas of messages and enums, as the gateway reads and prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from development.openapi.contract import Call, NotDescribable

Schema = dict[str, Any]

#: The gateway prints integers of 64 bits as strings, because JavaScript would round them.
SCALARS: Mapping[int, Schema] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
}
WELL_KNOWN: Mapping[str, Schema] = {
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
}


def reference(of: Descriptor | EnumDescriptor) -> Schema:
    """Return a reference to the schema of a message or an enum."""
    return {"$ref": f"#/components/schemas/{of.name}"}


def value_schema(field: FieldDescriptor) -> Schema:
    """Return the schema of a field's value, or of a list of values; NotDescribable."""
    return {"type": "array", "items": _single(field)} if field.is_repeated else _single(field)


def component_schemas(calls: Iterable[Call], comments: Mapping[str, str]) -> dict[str, Schema]:
    """Return the schema of every message and enum in the calls' bodies and answers, by its name; NotDescribable."""
    calls = tuple(calls)
    sent = _reachable(call.method.input_type for call in calls if call.has_body)
    answered = _reachable(call.answer for call in calls if not call.is_spreadsheet)
    messages = sorted({**sent, **answered}.values(), key=lambda message: message.name)
    schemas = {
        message.name: _message(message, comments, is_complete=message.full_name not in sent) for message in messages
    }
    enums = {enum.full_name: enum for message in messages for enum in _enums(message)}
    schemas.update({enum.name: _enum(enum, comments) for enum in enums.values()})
    if len(schemas) < len(messages) + len(enums):
        raise NotDescribable("two messages have the same name; rename one, because schemas have no package")
    return dict(sorted(schemas.items()))


def _single(field: FieldDescriptor) -> Schema:
    if field.enum_type is not None:
        return reference(field.enum_type)
    if field.message_type is None:
        if field.type not in SCALARS:
            raise NotDescribable(f"{field.full_name} has a type that the document can't describe yet")
        return dict(SCALARS[field.type])
    if field.message_type.GetOptions().map_entry:
        raise NotDescribable(f"{field.full_name} is a map, which the document can't describe yet")
    known = WELL_KNOWN.get(field.message_type.full_name)
    return dict(known) if known else reference(field.message_type)


def _message(message: Descriptor, comments: Mapping[str, str], *, is_complete: bool) -> Schema:
    """Return the schema; `is_complete`: the gateway prints the message, with every field that can't be unset."""
    schema: Schema = {"type": "object", "description": comments[message.full_name]}
    always = [field.name for field in message.fields if is_complete and not field.has_presence]
    if always:
        schema["required"] = always
    schema["properties"] = {field.name: _property(field, comments[field.full_name]) for field in message.fields}
    return schema


def _property(field: FieldDescriptor, comment: str) -> Schema:
    schema = value_schema(field)
    # Readers ignore everything beside a reference.
    return {"allOf": [schema], "description": comment} if "$ref" in schema else {**schema, "description": comment}


def _enum(enum: EnumDescriptor, comments: Mapping[str, str]) -> Schema:
    values = [f"* `{value.name}`: {comments[f'{enum.full_name}.{value.name}']}" for value in enum.values]
    return {
        "type": "string",
        "enum": [value.name for value in enum.values],
        "description": "\n".join([comments[enum.full_name], "", *values]),
    }


def _reachable(messages: Iterable[Descriptor]) -> dict[str, Descriptor]:
    """Return these messages and all that they contain, by full name, except well-known types."""
    reachable: dict[str, Descriptor] = {}
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.full_name not in reachable and message.full_name not in WELL_KNOWN:
            reachable[message.full_name] = message
            waiting.extend(field.message_type for field in message.fields if field.message_type is not None)
    return reachable


def _enums(message: Descriptor) -> Iterator[EnumDescriptor]:
    return (field.enum_type for field in message.fields if field.enum_type is not None)
