"""What is printed of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.evaluation.review.marks import Confidence, Mark
from benchmarks.evaluation.scoring import counting
from benchmarks.evaluation.scoring.counting import Count, count
from benchmarks.evaluation.scoring.goals import checks
from benchmarks.evaluation.scoring.judged import Judged, Way, old, ours
from benchmarks.evaluation.simulation.words import Behaviour, Fault
from benchmarks.report import render_checks, render_table

#: Of the misjudged classes that are named.
_NAMED = 25


def rendered(judged: Sequence[Judged]) -> str:
    """Return all tables."""
    return "\n\n".join(f"{title}\n\n{body}" for title, body in _tables(judged))


def _tables(judged: Sequence[Judged]) -> Iterator[tuple[str, str]]:
    yield "How often a suggestion matches the reviewer's mark", _match(judged)
    yield "By what people did (without borderline roles)", _behaviours(judged)
    yield "By what went wrong (without borderline roles)", _faults(judged)
    yield "The reviewer's mark, and what was suggested (all roles)", _confusion(judged)
    yield "How often right, by confidence (all roles)", _confidences(judged)
    yield 'Misjudged (make evaluate ARGS="--replay NUMBER" shows one)', _misjudged(judged)
    found = checks(judged)
    missed = sum(not check.is_met for check in found)
    verdict = f"{missed} of {len(found)} goals are missed." if missed else "All goals are met."
    yield "Goals", f"{render_checks(found)}\n\n{verdict}"


def _match(judged: Sequence[Judged]) -> str:
    selections = {
        "all": judged,
        "without borderline": counting.clear(judged),
        "borderline": [one for one in judged if one.expected.review.is_borderline],
        "clean": counting.clean(judged),
        "struck by some fault": [one for one in judged if one.expected.faults],
    }
    return _side_by_side("roles", list(selections.items()))


def _behaviours(judged: Sequence[Judged]) -> str:
    clear = counting.clear(judged)
    return _side_by_side(
        "behaviour", [(it, [one for one in clear if one.expected.behaviour is it]) for it in Behaviour]
    )


def _faults(judged: Sequence[Judged]) -> str:
    clear = counting.clear(judged)
    rows = []
    for fault in Fault:
        mixed, alone = counting.struck(clear, fault), counting.struck_alone(clear, fault)
        rows.append((fault, *_cells(mixed), str(len(alone)), _right(count(alone, ours)), _right(count(alone, old))))
    header = ("fault", "roles", "right", "wrong", "old way", "alone", "right", "old way")
    return render_table(header, rows)


def _confusion(judged: Sequence[Judged]) -> str:
    header = ("mark", *Mark, *(f"old: {mark}" for mark in Mark))
    rows = [
        (mark, *(str(_suggested(judged, mark, way, other)) for way in (ours, old) for other in Mark)) for mark in Mark
    ]
    return render_table(header, rows)


def _suggested(judged: Sequence[Judged], mark: Mark, way: Way, suggested: Mark) -> int:
    return sum(one.expected.review.mark is mark and way(one).mark is suggested for one in judged)


def _confidences(judged: Sequence[Judged]) -> str:
    rows = []
    for confidence in Confidence:
        counts = [count(counting.confident(judged, way, confidence), way) for way in (ours, old)]
        rows.append((confidence, *(cell for it in counts for cell in (str(it.all), _right(it), str(it.wrong)))))
    return render_table(("confidence", "roles", "right", "wrong", "old way", "right", "wrong"), rows)


def _misjudged(judged: Sequence[Judged]) -> str:
    found = counting.misjudged(judged)
    rows = [
        (
            str(one.expected.number),
            one.expected.role,
            one.expected.behaviour,
            one.expected.review.mark + (" (borderline)" if one.expected.review.is_borderline else ""),
            f"{one.ours.mark}, {one.ours.confidence}",
            " + ".join(sorted(one.expected.faults)),
        )
        for one in found[:_NAMED]
    ]
    shown = render_table(("class", "role", "behaviour", "mark", "suggested", "faults"), rows)
    return shown if len(found) <= _NAMED else f"{shown}\n... and {len(found) - _NAMED} more"


def _side_by_side(name: str, groups: Sequence[tuple[str, Sequence[Judged]]]) -> str:
    return render_table(
        (name, "roles", "right", "wrong", "old way"), [(label, *_cells(group)) for label, group in groups]
    )


def _cells(group: Sequence[Judged]) -> tuple[str, ...]:
    counted = count(group, ours)
    return f"{counted.all:,}", _right(counted), str(counted.wrong), _right(count(group, old))


def _right(counted: Count) -> str:
    return f"{counted.percentage:.2f} %" if counted.all else "-"
