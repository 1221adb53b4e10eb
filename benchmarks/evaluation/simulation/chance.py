"""Distributions that several parts of the simulation draw from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import TypeVar

_ChoiceT = TypeVar("_ChoiceT")


def weighted(weights: Mapping[_ChoiceT, int], random: Random) -> _ChoiceT:
    """Draw one of the keys by their weights."""
    (choice,) = random.choices(list(weights), list(weights.values()))
    return choice


def evenly_by_logarithm(limits: tuple[int, int], random: Random) -> int:
    """Draw a number between limits; its logarithm is distributed evenly, so small numbers are more frequent."""
    low, high = limits
    return round(low * math.pow(high / low, random.random()))
