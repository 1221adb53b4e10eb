"""How many gateways pages are divided among."""

from __future__ import annotations

import resource

import pytest

from benchmarks.page_loads import gateways_for


@pytest.fixture(autouse=True)
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system allow a process 20,000 open files."""
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1_024, 20_000))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, _limits: None)


@pytest.mark.parametrize(("pages", "gateways"), [(2, 1), (9_500, 1), (9_501, 2), (10_000, 2), (20_000, 3)])
def test_each_gateway_has_as_many_as_its_descriptors_suffice_for(pages: int, gateways: int) -> None:
    assert gateways_for(pages, per_presence_socket=10_000) == gateways


def test_too_many_for_a_presence_socket_end_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="needs 21,000 file descriptors"):
        gateways_for(20_000, per_presence_socket=20_000)
