"""What an evaluation prints: tables, and the goals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.evaluation import scoring
from benchmarks.evaluation.reviewer import Confidence, Mark
from benchmarks.evaluation.scoring import Count, Judged, System, count, replaced, service
from benchmarks.evaluation.simulation.plan import Behaviour, Fault
from benchmarks.report import Check, at_least, at_most, render_checks, render_table

_MAX_MISJUDGED_SHOWN = 25

#: Goals, in percent.
_MIN_RIGHT_CLEAR = 99.5
_MIN_RIGHT_CLEAN = 100.0
_MIN_RIGHT = 99.0
_MAX_WRONG_WITH_HIGH_CONFIDENCE = 0.1
_MIN_RIGHT_PER_FAULT = 98.5
_DIGITS = 2


def render(judged: Sequence[Judged]) -> str:
    """Return all tables."""
    return "\n\n".join(f"{title}\n\n{body}" for title, body in _tables(judged))


def goals(judged: Sequence[Judged]) -> list[Check]:
    """Compare with every goal; a group without members counts as all right."""
    high = scoring.with_confidence(judged, service, Confidence.HIGH)
    return [
        _min_right("without borderline roles", count(scoring.clear(judged), service), _MIN_RIGHT_CLEAR),
        _min_right("clean roles", count(scoring.clean(judged), service), _MIN_RIGHT_CLEAN),
        _min_right("all roles", count(judged, service), _MIN_RIGHT),
        at_most(
            "wrong with high confidence",
            count(high, service).wrong_percentage,
            _MAX_WRONG_WITH_HIGH_CONFIDENCE,
            unit=" %",
            digits=_DIGITS,
        ),
        _worst_fault("alone", scoring.with_fault_alone, judged),
        _worst_fault("in any mix", scoring.with_fault, judged),
    ]


def _worst_fault(
    how: str, select: Callable[[Sequence[Judged], Fault], list[Judged]], judged: Sequence[Judged]
) -> Check:
    """Compare the fault with the lowest percentage, without borderline roles."""
    counts = {fault: count(scoring.clear(select(judged, fault)), service) for fault in Fault}
    worst = min(counts, key=lambda fault: counts[fault].percentage)
    return _min_right(f"worst fault {how} ({worst})", counts[worst], _MIN_RIGHT_PER_FAULT)


def _min_right(what: str, counted: Count, goal: float) -> Check:
    return at_least(f"right, {what}", counted.percentage, goal, unit=" %", digits=_DIGITS)


def _tables(judged: Sequence[Judged]) -> Iterator[tuple[str, str]]:
    yield "How often a suggestion matches the reviewer's mark", _match(judged)
    yield "By behaviour (without borderline roles)", _behaviours(judged)
    yield "By fault (without borderline roles)", _faults(judged)
    yield "The reviewer's mark, and what was suggested (all roles)", _confusion(judged)
    yield "How often right, by confidence (all roles)", _confidences(judged)
    yield 'Misjudged (make evaluate ARGS="--replay NUMBER" shows one)', _misjudged(judged)
    checks = goals(judged)
    missed = sum(not check.is_met for check in checks)
    verdict = f"{missed} of {len(checks)} goals are missed." if missed else "All goals are met."
    yield "Goals", f"{render_checks(checks)}\n\n{verdict}"


def _match(judged: Sequence[Judged]) -> str:
    groups = {
        "all": judged,
        "without borderline": scoring.clear(judged),
        "borderline": [one for one in judged if one.expected.review.is_borderline],
        "clean": scoring.clean(judged),
        "with some fault": [one for one in judged if one.expected.faults],
    }
    return _side_by_side("roles", list(groups.items()))


def _behaviours(judged: Sequence[Judged]) -> str:
    clear = scoring.clear(judged)
    return _side_by_side(
        "behaviour", [(it, [one for one in clear if one.expected.behaviour is it]) for it in Behaviour]
    )


def _faults(judged: Sequence[Judged]) -> str:
    clear = scoring.clear(judged)
    rows = []
    for fault in Fault:
        mixed, alone = scoring.with_fault(clear, fault), scoring.with_fault_alone(clear, fault)
        rows.append(
            (fault, *_cells(mixed), str(len(alone)), _right(count(alone, service)), _right(count(alone, replaced)))
        )
    header = ("fault", "roles", "right", "wrong", "replaced", "alone", "right", "replaced")
    return render_table(header, rows)


def _confusion(judged: Sequence[Judged]) -> str:
    header = ("mark", *Mark, *(f"replaced: {mark}" for mark in Mark))
    rows = [
        (mark, *(str(_suggested(judged, mark, system, other)) for system in (service, replaced) for other in Mark))
        for mark in Mark
    ]
    return render_table(header, rows)


def _suggested(judged: Sequence[Judged], mark: Mark, system: System, suggested: Mark) -> int:
    return sum(one.expected.review.mark is mark and system(one).mark is suggested for one in judged)


def _confidences(judged: Sequence[Judged]) -> str:
    rows = []
    for confidence in Confidence:
        counts = [count(scoring.with_confidence(judged, system, confidence), system) for system in (service, replaced)]
        rows.append((confidence, *(cell for it in counts for cell in (str(it.all), _right(it), str(it.wrong)))))
    return render_table(("confidence", "roles", "right", "wrong", "replaced", "right", "wrong"), rows)


def _misjudged(judged: Sequence[Judged]) -> str:
    misjudged = scoring.misjudged(judged)
    rows = [
        (
            str(one.expected.number),
            one.expected.role,
            one.expected.behaviour,
            one.expected.review.mark + (" (borderline)" if one.expected.review.is_borderline else ""),
            f"{one.suggested.mark}, {one.suggested.confidence}",
            " + ".join(sorted(one.expected.faults)),
        )
        for one in misjudged[:_MAX_MISJUDGED_SHOWN]
    ]
    shown = render_table(("class", "role", "behaviour", "mark", "suggested", "faults"), rows)
    hidden = len(misjudged) - len(rows)
    return f"{shown}\n... and {hidden} more" if hidden else shown


def _side_by_side(name: str, groups: Sequence[tuple[str, Sequence[Judged]]]) -> str:
    return render_table(
        (name, "roles", "right", "wrong", "replaced"), [(label, *_cells(group)) for label, group in groups]
    )


def _cells(group: Sequence[Judged]) -> tuple[str, ...]:
    counted = count(group, service)
    return f"{counted.all:,}", _right(counted), str(counted.wrong), _right(count(group, replaced))


def _right(counted: Count) -> str:
    return f"{counted.percentage:.2f} %" if counted.all else "-"
