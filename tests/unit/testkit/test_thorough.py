"""A usual run and a thorough one, as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from testkit.source_tree import ROOT

TESTS = """
import pytest
from testkit.pytest_plugins.thorough import thoroughly

@pytest.mark.thorough
def test_slow():
    pass

@pytest.mark.parametrize("round", range(thoroughly(1, thorough=3)))
def test_rounds(round):
    pass
"""


def run(directory: Path, **environment: str) -> str:
    (directory / "test_some.py").write_text(TESTS)
    command = [
        *(sys.executable, "-m", "pytest", "test_some.py", "--rootdir=.", "-c", os.devnull, "--strict-markers"),
        *("-p", "no:cacheprovider", "-p", "testkit.pytest_plugins.thorough"),
    ]
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=directory, env={**path, **environment}, capture_output=True, check=True, text=True
    ).stdout


def test_a_usual_run_leaves_slow_tests_out_and_takes_few_rounds(tmp_path: Path) -> None:
    assert "1 passed, 1 deselected" in run(tmp_path)


def test_a_thorough_run_takes_everything(tmp_path: Path) -> None:
    assert "4 passed" in run(tmp_path, THOROUGH="1")
