"""The rules of deploy/monitoring, and the names in their expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml

from testkit.source_tree import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
RUNBOOKS = ROOT / "docs" / "runbooks"
RULE_FILES = sorted((MONITORING / "rules").glob("*.yml"))
TEST_FILES = sorted((MONITORING / "tests").glob("*.yml"))

_WORD = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
#: What follows these is a list of labels.
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR = re.compile(rf"({_WORD})\s*(\{{[^}}]*\}})?")
_OPERATORS = frozenset({"and", "or", "unless", "bool", "offset", "by", "on", "inf", "nan"})


class Selector(NamedTuple):
    """A metric that an expression reads, and the labels by which it selects."""

    metric: str
    labels: frozenset[str]


@cache
def rules() -> list[dict[str, Any]]:
    """Return every rule, whether an alert or a recorded value."""
    groups = [group for file in RULE_FILES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


@cache
def alerts() -> dict[str, dict[str, Any]]:
    """Return the alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@cache
def recorded() -> dict[str, str]:
    """Return the expression of each recorded value."""
    return {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}


@cache
def runbook_commands(command: str) -> tuple[str, ...]:
    """Return what the runbooks pass to `query` or `sql`, one of the commands of on-call.sh."""
    quoted = re.compile(rf"""\b{command} (?:'([^']+)'|"((?:[^"\\]|\\.)+)")""")
    found = (match for file in sorted(RUNBOOKS.glob("*.md")) for match in quoted.finditer(file.read_text()))
    return tuple(dict.fromkeys(match[1] or match[2] for match in found))


def selectors(expression: str) -> Iterator[Selector]:
    """Yield what an expression of PromQL reads."""
    plain = _GROUPING.sub(" ", _TEXT.sub('""', expression))
    # Durations and numbers begin with a digit; functions are followed by a parenthesis.
    for found in _SELECTOR.finditer(re.sub(r"\b\d[\w.]*|\[[^\]]*\]", " ", plain)):
        follows = plain_after(found)
        if found[1] not in _OPERATORS and not follows.startswith("("):
            yield Selector(found[1], frozenset(re.findall(rf"({_WORD})\s*[=!]", found[2] or "")))


def plain_after(found: re.Match[str]) -> str:
    """Return the text after a match, without space before it."""
    return found.string[found.end() :].lstrip()


def grouping_labels(expression: str) -> set[str]:
    """Return the labels by which an expression adds up or joins."""
    return {word for labels in _GROUPING.findall(expression) for word in re.findall(_WORD, labels)}
