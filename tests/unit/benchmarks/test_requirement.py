from __future__ import annotations

from benchmarks.requirement import Requirement

MISSING = Requirement(programs=("no-such-program",), modules=("no_such_module",), install="apt-get install both")


def test_what_is_not_installed_is_said_in_one_line_with_the_command_that_installs_it() -> None:
    assert MISSING.absence("a peer") == (
        "a peer: not measured. Missing: no-such-program, no_such_module. To install: apt-get install both"
    )


def test_what_is_installed_is_not_missing() -> None:
    assert Requirement(programs=("sh",), modules=("json",), install="").missing == []
