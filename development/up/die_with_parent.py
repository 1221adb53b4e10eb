"""Run a command that ends when its parent ends: `python -m development.up.die_with_parent PARENT_PID COMMAND...`.

A supervisor that is killed (SIGKILL) can't stop its children, so the kernel has to.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

#: Makes Linux send a signal to this process when its parent ends (prctl(2)); exec keeps the setting.
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the parent process has ended already")
    os.execvp(command[0], command)  # noqa: S606 - the commands are the product's own


if __name__ == "__main__":
    main()
