from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from development.protos import DESCRIPTOR_SET, PROTOS
from testkit.source_tree import ROOT

BUF = Path(sys.executable).with_name("buf")
BASELINE = PROTOS / "released" / "v1.binpb"


def test_the_protos_keep_the_style() -> None:
    assert _buf("lint", DESCRIPTOR_SET) == ""


def test_the_protos_keep_the_released_contract() -> None:
    assert _buf("breaking", DESCRIPTOR_SET, "--against", BASELINE) == ""


def _with_a_field_named_in_capitals(file: FileDescriptorProto) -> None:
    file.message_type[0].field[0].name = "BadName"


def _without_comments(file: FileDescriptorProto) -> None:
    for location in file.source_code_info.location:
        location.ClearField("leading_comments")


@pytest.mark.parametrize("spoil", [_with_a_field_named_in_capitals, _without_comments])
def test_the_style_check_sees_a_fault(spoil: Callable[[FileDescriptorProto], None], tmp_path: Path) -> None:
    assert "tracking.proto" in _buf("lint", _spoilt(spoil, tmp_path))


def _without_a_field(file: FileDescriptorProto) -> None:
    del _message(file, "ConnectRequest").field[-1]


def _with_another_type(file: FileDescriptorProto) -> None:
    _message(file, "ConnectRequest").field[0].type = FieldDescriptorProto.TYPE_INT64


def _with_another_name(file: FileDescriptorProto) -> None:
    _message(file, "ConnectRequest").field[0].name = "whiteboard_id"


def _without_a_method(file: FileDescriptorProto) -> None:
    del file.service[0].method[-1]


def _without_an_enum_value(file: FileDescriptorProto) -> None:
    del file.enum_type[0].value[-1]


@pytest.mark.parametrize(
    "spoil",
    [_without_a_field, _with_another_type, _with_another_name, _without_a_method, _without_an_enum_value],
)
def test_the_contract_check_sees_a_break(spoil: Callable[[FileDescriptorProto], None], tmp_path: Path) -> None:
    assert "tracking.proto" in _buf("breaking", _spoilt(spoil, tmp_path), "--against", BASELINE)


def _buf(command: str, descriptor_set: Path, *arguments: str | Path) -> str:
    """Return what buf complains about, one complaint a line."""
    done = subprocess.run(
        [BUF, command, descriptor_set, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout


def _spoilt(spoil: Callable[[FileDescriptorProto], None], directory: Path) -> Path:
    """Write a copy of the descriptor set in which the tracking contract is spoilt."""
    descriptors = FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes())
    spoil(next(file for file in descriptors.file if file.name.endswith("tracking.proto")))
    copy = directory / "spoilt.binpb"
    copy.write_bytes(descriptors.SerializeToString())
    return copy


def _message(file: FileDescriptorProto, name: str) -> DescriptorProto:
    return next(message for message in file.message_type if message.name == name)
