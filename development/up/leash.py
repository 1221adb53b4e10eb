"""Run a command that ends when its parent does: `python -m development.up.leash PARENT_PID COMMAND...`.

A supervisor that is killed can't stop its children; Linux does it for it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

#: Asks Linux to send a signal when the parent dies (prctl(2)); it stays in force over exec.
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the supervisor is gone already")
    os.execvp(command[0], command)  # noqa: S606 - the commands are the product's own


if __name__ == "__main__":
    main()
