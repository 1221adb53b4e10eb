"""Earlier versions of this repository, from its history, for tests that run them beside this one or against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testkit.source_tree import ROOT

#: The last release, 0.1.0. Its clients are used with this version's services. To be changed at a release
#: (CONTRIBUTING.md#releases).
LAST_RELEASE = "c20df4d2370e238dd677747674dc247083cfe2ff"
#: The version whose services may run beside these: the last release, or, until there is one that may, the first version
#: that may (docs/operations.md#migrations). To be changed at a release.
RUNS_BESIDE_THIS = "f74ee5a3d9aa6045a38020e13e7e3be1e1dce391"
#: What runs, and what compiles the protos.
_FOLDERS = (
    "attendance_service",
    "development",
    "examples",
    "gateway",
    "heartbeat_relay",
    "protos",
    "servicekit",
    "tracking_service",
)
_HISTORY_MISSING = "the history of this repository is not here (git fetch --unshallow gets it)"


def extracted(commit: str, directory: Path) -> Path:
    """Write a version into a folder, ready to run with the packages of this one; skip the test without its history."""
    if subprocess.run(_git("cat-file", "-e", f"{commit}^{{commit}}"), capture_output=True, check=False).returncode != 0:
        pytest.skip(_HISTORY_MISSING)
    directory.mkdir()
    archive = subprocess.run(_git("archive", commit, *_FOLDERS), capture_output=True, check=True).stdout
    subprocess.run(["tar", "--extract", "--directory", directory], input=archive, check=True)
    subprocess.run([sys.executable, "-m", "development.protos"], cwd=directory, check=True, capture_output=True)
    return directory


def run_module(tree: Path, *arguments: str, **settings: str) -> str:
    """Run `python -m` in a source tree and return what it prints, errors too; CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=tree,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout


def _git(*arguments: str) -> list[str]:
    return ["git", "-C", str(ROOT), *arguments]
