"""What the protos say in their comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, SourceCodeInfo

#: A path in source info is made of pairs: the number of a field of the descriptor, and a place in its list.
PAIR = 2

#: Of the protos' packages; a descriptor set also holds what they import.
OURS = "astegni."


def comments(descriptors: FileDescriptorSet) -> dict[str, str]:
    """Return the leading comment of everything of ours with a name, by its full name; paragraphs are single lines.

    An enum value stands under its enum's name, unlike in protobuf: `package.Enum.value`.
    """
    return {
        _full_name(file, location.path): _unwrapped(location.leading_comments)
        for file in descriptors.file
        if file.package.startswith(OURS)
        for location in _commented(file.source_code_info.location)
    }


def _commented(locations: Iterable[SourceCodeInfo.Location]) -> Iterator[SourceCodeInfo.Location]:
    """Leave out what has no name: the syntax and the package, whose paths are single numbers."""
    return (location for location in locations if location.leading_comments and len(location.path) % PAIR == 0)


def _full_name(file: FileDescriptorProto, path: Sequence[int]) -> str:
    names, element = [file.package], file
    for number, place in zip(path[::PAIR], path[1::PAIR], strict=True):
        element = getattr(element, element.DESCRIPTOR.fields_by_number[number].name)[place]
        names.append(element.name)
    return ".".join(names)


def _unwrapped(comment: str) -> str:
    paragraphs = re.split(r"\n\s*\n", comment.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
