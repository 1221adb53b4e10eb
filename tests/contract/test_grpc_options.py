"""The gRPC library ignores unknown options without a warning, so this test searches for their names in the library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.contract.packages import PACKAGES

(BINARY,) = Path(grpc.__file__).parent.glob("_cython/cygrpc*.so")
LIBRARY = BINARY.read_bytes()
#: An option in a list of options.
_OPTION = re.compile(r'\("(grpc\.[a-z0-9_.]+)",')


def options() -> Iterator[str]:
    for package in PACKAGES:
        for module in Path(package.__path__[0]).rglob("*.py"):
            yield from _OPTION.findall(module.read_text())


@pytest.mark.parametrize("option", sorted(set(options())))
def test_the_library_knows_each_option(option: str) -> None:
    assert option.encode() in LIBRARY
