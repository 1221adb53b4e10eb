"""What a check found, and what to do about it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    #: This login, or this machine, can't look at it.
    SKIPPED = "skipped"
    #: It works, and may not for long, or not for everybody.
    WARNING = "warning"
    FAILED = "failed"


class Finding(NamedTuple):
    """One line of the report."""

    #: What was looked at, in a word or two.
    check: str
    level: Level
    found: str
    #: What to do next; empty if there is nothing to be done.
    next_step: str = ""


def ok(check: str, found: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(check, Level.OK, found)


def skipped(check: str, why: str) -> Finding:
    """Return that something could not be looked at from here."""
    return Finding(check, Level.SKIPPED, why)


def warning(check: str, found: str, next_step: str) -> Finding:
    """Return a finding to see to soon."""
    return Finding(check, Level.WARNING, found, next_step)


def failed(check: str, found: str, next_step: str) -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(check, Level.FAILED, found, next_step)
