from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from testkit.source_tree import ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_imports_point_one_way() -> None:
    done = subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
