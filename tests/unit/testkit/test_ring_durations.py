from __future__ import annotations

import pytest

from testkit.pytest_plugins.ring_durations import ring_of


@pytest.mark.parametrize(
    ("test", "ring"),
    [
        ("tests/unit/tracking/test_a.py::test_b", "unit"),
        ("tests/integration/tracking/test_a.py::test_b", "integration/tracking"),
        ("tests/integration/test_a.py::test_b", "integration"),
        ("tests/e2e/pages/test_a.py::TestB::test_c[d/e]", "e2e/pages"),
        ("tests/test_a.py::test_b", "tests"),
    ],
)
def test_a_test_belongs_to_the_ring_of_its_folder(test: str, ring: str) -> None:
    assert ring_of(test) == ring
