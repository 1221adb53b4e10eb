"""Generates any message of a type, and bytes that are nearly one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies
from hypothesis.strategies import DrawFn, SearchStrategy

#: What a field of this name often has, besides anything else: values that exist, so that later checks are met, too.
Known = dict[str, SearchStrategy[Any]]

_INT32 = strategies.integers(-(2**31), 2**31 - 1)
_INT64 = strategies.integers(-(2**63), 2**63 - 1)
_TEXT = strategies.text(strategies.characters(codec="utf-8"), max_size=80)
_SCALARS: dict[int, SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_INT32: _INT32,
    FieldDescriptor.CPPTYPE_INT64: _INT64,
    FieldDescriptor.CPPTYPE_BOOL: strategies.booleans(),
    FieldDescriptor.CPPTYPE_STRING: _TEXT,
    # Enums are open: a newer client may send a number that this server does not know.
    FieldDescriptor.CPPTYPE_ENUM: strategies.one_of(strategies.integers(0, 5), _INT32),
}
MAX_REPEATED = 5
MAX_GARBAGE_BYTES = 200


def messages(descriptor: Descriptor, known: Known) -> SearchStrategy[Message]:
    """Return messages with any fields set to anything that their types allow."""
    fields = {field.name: _values(field, known) for field in descriptor.fields}
    make: Callable[..., Message] = GetMessageClass(descriptor)

    # Hypothesis shows it by its name; written out, messages in messages would be too long for it.
    @strategies.composite
    def message(draw: DrawFn) -> Message:
        return make(**draw(strategies.fixed_dictionaries({}, optional=fields)))

    return message()


def encoded(made: SearchStrategy[Message]) -> SearchStrategy[bytes]:
    """Return messages as bytes, the same bytes damaged, and bytes that never were a message."""
    whole = made.map(lambda message: message.SerializeToString())
    garbage = strategies.binary(max_size=MAX_GARBAGE_BYTES)
    damaged = strategies.builds(_damaged, whole, strategies.integers(0, MAX_GARBAGE_BYTES), garbage)
    return strategies.one_of(whole, whole, damaged, garbage)


def _damaged(whole: bytes, place: int, garbage: bytes) -> bytes:
    return whole[:place] + garbage[:3] + whole[place + 1 :]


def _values(field: FieldDescriptor, known: Known) -> SearchStrategy[Any]:
    one = messages(field.message_type, known) if field.message_type else _SCALARS[field.cpp_type]
    if field.name in known:
        one = strategies.one_of(known[field.name], known[field.name], one)
    return strategies.lists(one, max_size=MAX_REPEATED) if field.is_repeated else one
