"""Whether this machine can run docker compose."""

from __future__ import annotations

import functools
import subprocess

import pytest

from testkit.pytest_plugins.missing_engine import NO_ENGINE, REMEDY

#: The oldest with which docker-compose.yml was tried.
OLDEST_COMPOSE = (2, 26)
#: Generous: an engine that takes longer runs nothing.
MAX_ANSWER_SECONDS = 60


def require_engine() -> None:
    """Skip the test where no engine runs, and say what is missing."""
    if missing := _missing():
        pytest.skip(f"{NO_ENGINE} ({missing}); {REMEDY}")


def docker(*arguments: str, timeout: float | None = None) -> str:
    """Run a command of docker and return what it prints; CalledProcessError."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, timeout=timeout)
    return done.stdout.strip()


@functools.cache
def _missing() -> str:
    """Return what is missing, or nothing."""
    try:
        docker("info", timeout=MAX_ANSWER_SECONDS)
        version = docker("compose", "version", "--short", timeout=MAX_ANSWER_SECONDS)
    except FileNotFoundError:
        return "docker is not installed"
    except subprocess.TimeoutExpired:
        return "docker does not answer"
    except subprocess.CalledProcessError as error:
        return str(error.stderr.strip() or error.stdout.strip()).splitlines()[-1]
    major, minor = version.removeprefix("v").split(".")[:2]
    return "" if (int(major), int(minor)) >= OLDEST_COMPOSE else f"docker compose is of version {version}"
