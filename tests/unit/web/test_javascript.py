"""The page's pure modules, tried by node without a browser: one test for each `*.test.js` beside this file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from development.javascript import NODE
from testkit.source_tree import ROOT

FILES = sorted(Path(__file__).parent.glob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.js"))
def test_the_module_keeps_its_promises(file: Path) -> None:
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", file], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
