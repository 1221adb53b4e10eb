"""Everything that was compared in an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.evaluation.classes import JudgedClass
from benchmarks.evaluation.outcomes import JudgedOutcome
from benchmarks.evaluation.scoring import Judged


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What the service says and what the reviewer says."""

    #: About each person of a roster.
    people: Sequence[Judged] = ()
    #: About what became of each lesson, and of each student's part in it.
    lessons: Sequence[JudgedOutcome] = ()
    #: About each class as a whole.
    classes: Sequence[JudgedClass] = ()
