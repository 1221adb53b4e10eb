"""Send generated requests, stream frames and socket frames to the whole product for a time, and look for surprises.

Each round of inputs has a seed, which is printed: the seed of a failure finds it again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = "tests/fuzz"
DEFAULT_SECONDS = 120.0
#: Small enough to type again.
SEEDS = 1_000_000


def main() -> None:
    """Run the tests; exit status 0 if nothing was found."""
    chosen = _parsed()
    environment = {**os.environ, "FUZZ_SECONDS": str(chosen.seconds), "FUZZ_SEED": str(chosen.seed)}
    # In one process that prints as it goes, and without the limit for a single test.
    command = [
        sys.executable,
        "-m",
        "pytest",
        TESTS,
        "--numprocesses=0",
        "--capture=no",
        "--timeout=0",
        "-k",
        chosen.only,
    ]
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make fuzz ARGS="..."', description=__doc__)
    parser.add_argument(
        "--seconds",
        type=float,
        default=DEFAULT_SECONDS,
        help=f"how long, for all kinds of input together; 0: one round of each (default: {DEFAULT_SECONDS:g})",
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(SEEDS), help="of the first rounds (default: any)")
    parser.add_argument("--only", choices=("rest", "stream", "socket"), default="", help="one kind of input")
    return parser.parse_args()


if __name__ == "__main__":
    main()
