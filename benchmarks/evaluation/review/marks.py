"""The words of a judgement."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """A status of attendance."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class Confidence(StrEnum):
    """How sure somebody is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(NamedTuple):
    """A suggested mark."""

    mark: Mark
    confidence: Confidence
