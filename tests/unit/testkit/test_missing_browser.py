"""A run on a machine without Chromium, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from testkit.source_tree import ROOT

TESTS = """
from testkit.browser import launch, running_playwright

def test_with_a_browser():
    with running_playwright() as playwright:
        launch(playwright).close()

def test_without_one():
    pass
"""


def run(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a test with and a test without a browser where there is no Chromium."""
    (directory / "test_some.py").write_text(TESTS)
    command = [
        *(sys.executable, "-m", "pytest", "test_some.py", "--rootdir=.", "-c", os.devnull),
        *("-p", "no:cacheprovider", "-p", "testkit.pytest_plugins.missing_browser"),
    ]
    nowhere = str(directory / "nowhere")
    machine = {"PATH": nowhere, "PLAYWRIGHT_BROWSERS_PATH": nowhere, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=directory, env=machine, capture_output=True, text=True, check=False)


def test_everything_else_runs_and_one_line_says_what_did_not_and_why(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert ended.returncode == 0
    assert "1 passed, 1 skipped" in ended.stdout
    (line,) = [line for line in ended.stdout.splitlines() if "did not run" in line]
    assert line.startswith("1 browser tests did not run: there is no Chromium; install it with")
    assert "`make browser`" in line


def test_in_continuous_integration_it_is_a_failure(tmp_path: Path) -> None:
    ended = run(tmp_path, CI="true")
    assert ended.returncode == 1
    assert "1 browser tests did not run" in ended.stdout
