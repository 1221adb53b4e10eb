from __future__ import annotations

import re
import subprocess

import pytest

from testkit.source_tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
PHONY = re.findall(r"^\.PHONY: (\S+)$", MAKEFILE, re.MULTILINE)


def test_bare_make_lists_every_target_with_a_line() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\S+) +\S.*$", listed, re.MULTILINE) == PHONY


@pytest.mark.parametrize("target", PHONY)
def test_a_target_is_declared_and_described_in_one_place(target: str) -> None:
    assert re.search(rf"^\.PHONY: {target}\n{target}:.* ## \S", MAKEFILE, re.MULTILINE)


def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    commands = re.findall(r"^make .*$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert commands == ["make check", "make test"]
    assert "make test" in (ROOT / "README.md").read_text()


def test_no_package_index_is_named() -> None:
    assert re.findall(r"--(?:extra-)?index-url|--find-links|pypi\.org", MAKEFILE) == []
