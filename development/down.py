"""Stop the `make up` that runs in another shell, and wait until it has ended."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from development.environment import DevelopmentSettings, read_dotenv
from development.up.lockfile import holder
from servicekit.settings import load

#: Processes stop one after the other, and PostgreSQL writes a checkpoint.
STOP_TIMEOUT_SECONDS = 150.0
POLL_INTERVAL_SECONDS = 0.1


def main() -> None:
    """Stop it; the exit status is 0 also if there was nothing to stop."""
    parser = argparse.ArgumentParser(prog="make down", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="print nothing if `make up` is not running")
    quiet = parser.parse_args().quiet
    read_dotenv()
    state_directory = load(DevelopmentSettings).state_directory
    supervisor = holder(state_directory)
    if supervisor is None:
        if not quiet:
            print("`make up` is not running here; there is nothing to stop.")
        return
    with suppress(ProcessLookupError):
        os.kill(supervisor, signal.SIGTERM)
    if not _gone(state_directory):
        sys.exit(f"process {supervisor} did not stop within {STOP_TIMEOUT_SECONDS:g} s")
    print("Stopped.")


def _gone(state_directory: Path) -> bool:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while holder(state_directory) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_INTERVAL_SECONDS)
    return True


if __name__ == "__main__":
    main()
