"""What an evaluation prints: an explanation, tables, and the goals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.evaluation import classes, outcomes, scoring
from benchmarks.evaluation.classes import JudgedClass
from benchmarks.evaluation.goals import goals, mixes
from benchmarks.evaluation.outcomes import JudgedOutcome
from benchmarks.evaluation.results import Results
from benchmarks.evaluation.reviewer.doubts import Doubt
from benchmarks.evaluation.reviewer.marks import Confidence, Mark
from benchmarks.evaluation.reviewer.outcome import Outcome
from benchmarks.evaluation.scoring import Count, Judged, System, count, replaced, service, tally
from benchmarks.evaluation.simulation.plan import Behaviour, Fault, Situation
from benchmarks.report import render_checks, render_table

_MAX_SHOWN = 25
_MAX_MIXES_SHOWN = 10
#: Numbers of students, up to and including.
_SIZES = ((1, 1), (2, 5), (6, 15), (16, 40))
_EXPLANATION = """\
Each person is judged by the service, which sees only the telemetry, and by a reviewer, who knows when the page was
really open. "Right" is a suggestion that is the reviewer's mark. "Decidable" are people for whom what could be observed
allows one mark only, and whose truth is no closer to a limit than 30 s or 2 points. "Replaced" is what the old system
would have suggested. docs/evaluation.md explains the rest."""


def render(results: Results, seed: int) -> str:
    """Return all tables."""
    tables = (f"{title}\n\n{body}" for title, body in _tables(results, seed))
    return "\n\n".join((_EXPLANATION, *tables))


def _tables(results: Results, seed: int) -> Iterator[tuple[str, str]]:
    judged, of_lessons = results.people, results.lessons
    people = scoring.decidable(judged)
    yield "How often a suggestion is right", _match(judged)
    yield "By behaviour (decidable people)", _by(people, "behaviour", Behaviour, lambda one: one.expected.behaviour)
    yield "By situation (decidable people)", _by(people, "situation", Situation, lambda one: one.expected.situation)
    yield "By number of students (decidable people)", _sizes(people)
    yield "By fault, among others and alone (decidable people), and where it hides the truth", _faults(judged)
    yield f"Mixes of two faults, the {_MAX_MIXES_SHOWN} worst (decidable people)", _mixes(judged)
    yield "Where a suggestion must not be sure (all people)", _doubts(judged)
    yield "The reviewer's mark, and what was suggested (all people)", _confusion(judged)
    yield "How often right, by confidence (all people)", _confidences(judged)
    yield "What became of lessons, and what the service says (decidable lessons)", _outcomes(of_lessons)
    wrong = [one for one in outcomes.decidable(of_lessons) if not one.is_right]
    yield "Lessons with a wrong outcome", _lessons(wrong, seed)
    yield "Classes of several students, guests and substitutes", _classes(results.classes)
    sure = [one for one in judged if scoring.is_wrong_and_sure(one, service) or scoring.is_too_sure(one)]
    yield "Wrong with high confidence, or sure in spite of a doubt", _listed(sure, seed)
    yield "Misjudged", _listed(scoring.misjudged(judged), seed)
    checks = goals(results)
    missed = sum(not check.is_met for check in checks)
    verdict = f"{missed} of {len(checks)} goals are missed." if missed else "All goals are met."
    yield "Goals", f"{render_checks(checks)}\n\n{verdict}"


def _match(judged: Sequence[Judged]) -> str:
    groups = {
        "all": judged,
        "decidable": scoring.decidable(judged),
        "near a limit": [one for one in judged if one.expected.review.is_borderline],
        "truth could not be observed": scoring.hidden(judged),
        "clean": scoring.clean(judged),
        "with some fault": [one for one in judged if one.expected.faults],
    }
    return _side_by_side("people", list(groups.items()))


def _by(people: Sequence[Judged], name: str, values: Iterable[str], of: Callable[[Judged], str]) -> str:
    return _side_by_side(name, [(it, [one for one in people if of(one) is it]) for it in values])


def _sizes(people: Sequence[Judged]) -> str:
    groups = [
        (f"{low} to {high}" if low < high else str(low), [one for one in people if low <= one.expected.size <= high])
        for low, high in _SIZES
    ]
    return _side_by_side("students", groups)


def _faults(judged: Sequence[Judged]) -> str:
    people, hidden = scoring.decidable(judged), scoring.hidden(judged)
    rows = []
    for fault in Fault:
        unseen = scoring.with_fault(hidden, fault)
        mixed, alone = scoring.with_fault(people, fault), scoring.with_fault_alone(people, fault)
        rows.append(
            (
                fault,
                *_cells(mixed),
                *(str(len(alone)), _right(count(alone, service)), _right(count(alone, replaced))),
                *(str(len(unseen)), _right(count(unseen, service))),
            )
        )
    header = ("fault", "people", "right", "wrong", "replaced", "alone", "right", "replaced", "hidden", "right")
    return render_table(header, rows)


def _mixes(judged: Sequence[Judged]) -> str:
    worst = sorted(mixes(judged), key=lambda mix: (count(mix[1], service).percentage, sorted(mix[0])))
    return _side_by_side("faults", [(" + ".join(sorted(pair)), having) for pair, having in worst[:_MAX_MIXES_SHOWN]])


def _doubts(judged: Sequence[Judged]) -> str:
    groups: dict[str, list[Judged]] = {
        "nobody can know": [one for one in judged if one.expected.review.mark is None],
        **{doubt: [one for one in judged if doubt in one.expected.review.doubts] for doubt in Doubt},
    }
    rows = [
        (doubt, str(len(people)), str(sum(map(scoring.is_too_sure, people))), _right(count(people, service)))
        for doubt, people in groups.items()
    ]
    return render_table(("because", "people", "sure all the same", "right"), rows)


def _confusion(judged: Sequence[Judged]) -> str:
    header = ("mark", *Mark, *(f"replaced: {mark}" for mark in Mark))
    rows = [
        (
            mark or "cannot know",
            *(str(_suggested(judged, mark, system, other)) for system in (service, replaced) for other in Mark),
        )
        for mark in (*Mark, None)
    ]
    return render_table(header, rows)


def _suggested(judged: Sequence[Judged], mark: Mark | None, system: System, suggested: Mark) -> int:
    return sum(one.expected.review.mark is mark and system(one).mark is suggested for one in judged)


def _confidences(judged: Sequence[Judged]) -> str:
    rows = []
    for confidence in Confidence:
        counts = [count(scoring.with_confidence(judged, system, confidence), system) for system in (service, replaced)]
        rows.append((confidence, *(cell for it in counts for cell in (str(it.all), _right(it), str(it.wrong)))))
    return render_table(("confidence", "people", "right", "wrong", "replaced", "right", "wrong"), rows)


def _outcomes(of_lessons: Sequence[JudgedOutcome]) -> str:
    rows = []
    for outcome in Outcome:
        lessons = [one for one in outcomes.decidable(of_lessons) if one.expected.review.outcome is outcome]
        suggested = (str(sum(one.suggested.outcome is other for one in lessons)) for other in Outcome)
        rows.append((_word(outcome), *suggested, _right(outcomes.count_outcomes(lessons))))
    others = {
        "near a limit (not above)": outcomes.near_a_limit(of_lessons),
        'could not be observed (not above; "cannot know" is right as well)': outcomes.hidden(of_lessons),
    }
    notes = [f"{what}: {len(some)}, right {_right(outcomes.count_outcomes(some))}" for what, some in others.items()]
    return "\n".join([render_table(("outcome", *map(_word, Outcome), "right"), rows), "", *notes])


def _classes(judged: Sequence[JudgedClass]) -> str:
    counts = {
        "somebody was there, or not (decidable classes)": tally(one.is_right for one in classes.decidable(judged)),
        "not sure where the students differ": tally(not one.is_too_sure for one in classes.differing(judged)),
        "names just the guests and substitutes who came": tally(
            one.names_guests for one in classes.with_guests(judged)
        ),
    }
    rows = [(what, str(counted.all), _right(counted), str(counted.wrong)) for what, counted in counts.items()]
    return render_table(("what the service says", "classes", "right", "wrong"), rows)


def _lessons(lessons: Sequence[JudgedOutcome], seed: int) -> str:
    rows = [
        (
            _replay(seed, one.expected.number),
            "whole class" if one.expected.student is None else f"student {one.expected.student}",
            one.expected.situation,
            _word(one.expected.review.outcome),
            _word(one.suggested.outcome),
            " + ".join(sorted(one.expected.faults)) or "clean",
        )
        for one in lessons[:_MAX_SHOWN]
    ]
    return _shown(("to replay it", "of", "situation", "outcome", "the service says", "faults"), rows, len(lessons))


def _word(outcome: Outcome) -> str:
    return outcome.replace("_", " ")


def _listed(people: Sequence[Judged], seed: int) -> str:
    rows = [
        (
            _replay(seed, one.expected.number),
            f"{one.expected.role} {one.expected.user_id}",
            f"{one.expected.behaviour}, {one.expected.situation}",
            _expected(one),
            f"{one.suggested.mark}, {one.suggested.confidence}",
            " + ".join(sorted(one.expected.faults)) or "clean",
        )
        for one in people[:_MAX_SHOWN]
    ]
    return _shown(("to replay it", "person", "behaviour, situation", "mark", "suggested", "faults"), rows, len(people))


def _replay(seed: int, number: int) -> str:
    return f'make evaluate ARGS="--seed {seed} --replay {number}"'


def _shown(header: Sequence[str], rows: Sequence[Sequence[str]], total: int) -> str:
    if not rows:
        return "None."
    hidden = total - len(rows)
    return f"{render_table(header, rows)}\n... and {hidden} more" if hidden else render_table(header, rows)


def _expected(one: Judged) -> str:
    review = one.expected.review
    near = " (near a limit)" if review.is_borderline else ""
    doubts = "".join(f"; {doubt}" for doubt in sorted(review.doubts))
    return f"{review.mark or 'cannot know'}{near}{doubts}"


def _side_by_side(name: str, groups: Sequence[tuple[str, Sequence[Judged]]]) -> str:
    return render_table(
        (name, "people", "right", "wrong", "replaced"), [(label, *_cells(group)) for label, group in groups]
    )


def _cells(group: Sequence[Judged]) -> tuple[str, ...]:
    counted = count(group, service)
    return f"{counted.all:,}", _right(counted), str(counted.wrong), _right(count(group, replaced))


def _right(counted: Count) -> str:
    return f"{counted.percentage:.2f} %" if counted.all else "-"
