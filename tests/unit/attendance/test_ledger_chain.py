"""What the verification of a ledger finds, whatever was done to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.ledger_chain import (
    ChainEntry,
    Checkpoint,
    CheckpointHead,
    RowContent,
    RowReference,
    SessionLedger,
    chain_hash,
    checkpoint_findings,
    checkpoint_hash,
    content_hash,
    erased_field,
    erased_fields,
    field_hash,
    session_findings,
)

SESSION = 12
DAY = date(2026, 3, 1)
CONTENTS = st.lists(st.text(min_size=1), min_size=1, max_size=6)


def row(content: str) -> RowContent:
    """Return a row that names nobody."""
    return RowContent(kept=json.dumps({"text": content}))


def chained(contents: Sequence[tuple[RowReference, RowContent, str]]) -> list[ChainEntry]:
    """Return the entries of rows, each with the hashes of its personal fields."""
    entries: list[ChainEntry] = []
    previous = b""
    for position, (reference, content, personal) in enumerate(contents, start=1):
        hashed = content_hash(content.kept, personal)
        entry = ChainEntry(position=position, row=reference, content_hash=hashed, chain_hash=b"", personal=personal)
        previous = chain_hash(SESSION, entry, previous)
        entries.append(replace(entry, chain_hash=previous))
    return entries


def written(contents: list[str]) -> SessionLedger:
    """Return a ledger as it is written: one row for each content."""
    rows = {RowReference("attendance_decisions", str(number)): row(it) for number, it in enumerate(contents, start=1)}
    entries = chained([(reference, content, "{}") for reference, content in rows.items()])
    return SessionLedger(session_id=SESSION, entries=entries, contents=rows)


def head_of(ledger: SessionLedger) -> CheckpointHead:
    last = ledger.entries[-1]
    return CheckpointHead(session_id=SESSION, position=last.position, chain_hash=last.chain_hash, day=DAY)


@given(CONTENTS)
def test_nothing_is_found_in_a_ledger_as_it_was_written(contents: list[str]) -> None:
    ledger = written(contents)
    assert list(session_findings(replace(ledger, heads=[head_of(ledger)]))) == []


@given(CONTENTS, st.data())
def test_a_changed_row_is_named(contents: list[str], data: st.DataObject) -> None:
    ledger = written(contents)
    reference = data.draw(st.sampled_from(list(ledger.contents)))
    changed = replace(ledger, contents={**ledger.contents, reference: row(ledger.contents[reference].kept + "!")})
    assert list(session_findings(changed)) == [f"session 12: {reference} was changed after it was written"]


@given(CONTENTS, st.data())
def test_a_deleted_row_is_named(contents: list[str], data: st.DataObject) -> None:
    ledger = written(contents)
    reference = data.draw(st.sampled_from(list(ledger.contents)))
    rest = {other: content for other, content in ledger.contents.items() if other != reference}
    assert list(session_findings(replace(ledger, contents=rest))) == [f"session 12: {reference} was deleted"]


def test_a_row_that_was_added_past_the_chain_is_named() -> None:
    ledger = written(["one"])
    contents = {**ledger.contents, RowReference("attendance_claims", "7"): row("seven")}
    assert list(session_findings(replace(ledger, contents=contents))) == [
        "session 12: attendance_claims 7 was added past the chain"
    ]


@given(CONTENTS.filter(lambda contents: len(contents) > 1), st.data())
def test_a_row_that_was_deleted_with_its_entry_breaks_the_chain(contents: list[str], data: st.DataObject) -> None:
    ledger = written(contents)
    deleted = data.draw(st.sampled_from(ledger.entries[:-1]))
    rest = [entry for entry in ledger.entries if entry != deleted]
    without = {row: content for row, content in ledger.contents.items() if row != deleted.row}
    assert list(session_findings(replace(ledger, entries=rest, contents=without))) == [
        f"session 12: entry {deleted.position} of its chain was deleted"
    ]


@given(CONTENTS, CONTENTS)
def test_a_chain_that_was_rewritten_as_a_whole_differs_from_its_checkpoint(before: list[str], after: list[str]) -> None:
    head = head_of(written(before))
    rewritten = replace(written(after), heads=[head])
    differs = after[: len(before)] != before
    expected = f"session 12: its chain was rewritten: entry {len(before)} is not the one of the checkpoint of {DAY}"
    assert list(session_findings(rewritten)) == ([expected] if differs else [])


def test_a_chain_that_lost_its_end_differs_from_its_checkpoint() -> None:
    ledger = written(["one", "two"])
    shorter = replace(written(["one"]), heads=[head_of(ledger)])
    assert [finding.split(": ")[1] for finding in session_findings(shorter)] == ["its chain was rewritten"]


def test_an_entry_that_names_another_row_breaks_the_chain() -> None:
    ledger = written(["one"])
    (entry,) = ledger.entries
    other = RowReference("attendance_decisions", "2")
    moved = replace(ledger, entries=[replace(entry, row=other)], contents={other: row("one")})
    assert list(session_findings(moved)) == [
        "session 12: entry 1 of its chain (attendance_decisions 2) was changed",
    ]


def checkpoints_of(*ledgers: SessionLedger) -> list[Checkpoint]:
    previous, taken = b"", []
    for number, ledger in enumerate(ledgers, start=1):
        heads = [head_of(ledger)]
        previous = checkpoint_hash(heads, previous)
        taken.append(Checkpoint(day=date(2026, 3, number), hash=previous, heads=heads))
    return taken


def test_checkpoints_follow_from_each_other() -> None:
    assert list(checkpoint_findings(checkpoints_of(written(["one"]), written(["one", "two"])))) == []


def test_a_checkpoint_whose_heads_were_changed_is_named() -> None:
    first, second = checkpoints_of(written(["one"]), written(["one", "two"]))
    changed = replace(first, heads=[head_of(written(["other"]))])
    assert list(checkpoint_findings([changed, second])) == [
        "checkpoint of 2026-03-01: it or the one before it was changed after it was taken"
    ]


def test_a_deleted_checkpoint_is_noticed_by_the_one_after_it() -> None:
    _, second = checkpoints_of(written(["one"]), written(["one", "two"]))
    assert list(checkpoint_findings([second])) == [
        "checkpoint of 2026-03-02: it or the one before it was changed after it was taken"
    ]


NOTE = RowReference("attendance_claims", "1")
MARK = json.dumps({"claimed_status": "late"})
#: The JSON of what can be in a field that names somebody.
VALUES = st.one_of(st.integers(1, 10**6).map(json.dumps), st.text(min_size=1).map(json.dumps))
FIELDS = st.dictionaries(st.sampled_from(["raised_by", "student_id", "note"]), VALUES, min_size=1)


def salt_of(name: str) -> str:
    return f"salt of {name}"


def hashes(fields: Mapping[str, str], erased: Mapping[str, str]) -> str:
    """Return what an entry has of personal fields; `erased` says what the erased ones became."""
    return json.dumps(
        {
            name: erased_field(erased[name]) if name in erased else field_hash(salt_of(name), value)
            for name, value in fields.items()
        }
    )


def with_erasure(fields: Mapping[str, str], became: Mapping[str, str], *, kept: str = MARK) -> SessionLedger:
    """Return the ledger of one row from which fields were erased, in the order of their names."""
    now = {name: value for name, value in {**fields, **became}.items() if value != "null"}
    salts = {name: salt_of(name) for name in fields if name not in became}
    content = RowContent(kept=kept, personal=now, salts=salts)
    steps = [dict(list(became.items())[:count]) for count in range(len(became) + 1)]
    entries = chained([(NOTE, content, hashes(fields, erased)) for erased in steps])
    return SessionLedger(session_id=SESSION, entries=entries, contents={NOTE: content})


def erasures_of(fields: Mapping[str, str], data: st.DataObject) -> dict[str, str]:
    """Draw which fields are erased, and what they become."""
    names = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    return {
        name: "-5" if fields[name].isdecimal() else data.draw(st.sampled_from(["null", '"[erased]"'])) for name in names
    }


@given(FIELDS, st.data())
def test_nothing_is_found_in_a_ledger_from_which_fields_were_erased(
    fields: dict[str, str], data: st.DataObject
) -> None:
    became = erasures_of(fields, data)
    ledger = with_erasure(fields, became)
    assert (list(session_findings(ledger)), erased_fields([ledger])) == ([], len(became))


CHANGED = [f"session 12: {NOTE} was changed after it was written"]


@given(FIELDS, st.data())
def test_an_erasure_does_not_hide_a_changed_mark(fields: dict[str, str], data: st.DataObject) -> None:
    ledger = with_erasure(fields, erasures_of(fields, data))
    changed = replace(ledger.contents[NOTE], kept=json.dumps({"claimed_status": "present"}))
    assert list(session_findings(replace(ledger, contents={NOTE: changed}))) == CHANGED


@given(FIELDS, st.data(), VALUES)
def test_a_field_that_was_changed_without_an_erasure_is_named(
    fields: dict[str, str], data: st.DataObject, other: str
) -> None:
    ledger = with_erasure(fields, erasures_of(fields, data))
    content = ledger.contents[NOTE]
    name = data.draw(st.sampled_from(sorted(fields)))
    changed = replace(content, personal={**content.personal, name: other})
    expected = [] if content.personal.get(name) == other else CHANGED
    assert list(session_findings(replace(ledger, contents={NOTE: changed}))) == expected


@given(FIELDS, st.data())
def test_a_field_that_was_emptied_without_an_erasure_is_named(fields: dict[str, str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(fields)))
    ledger = with_erasure(fields, {})
    content = ledger.contents[NOTE]
    rest = {other: value for other, value in content.personal.items() if other != name}
    salts = {other: salt for other, salt in content.salts.items() if other != name}
    assert (
        list(session_findings(replace(ledger, contents={NOTE: replace(content, personal=rest, salts=salts)})))
        == CHANGED
    )


@given(FIELDS, st.data(), VALUES)
def test_an_erasure_that_says_something_is_none(fields: dict[str, str], data: st.DataObject, said: str) -> None:
    """Whoever owns the tables could write an entry for it; a value that is no tombstone is named all the same."""
    name = data.draw(st.sampled_from(sorted(fields)))
    is_tombstone = said == '"[erased]"'
    assert list(session_findings(with_erasure(fields, {name: said}))) == ([] if is_tombstone else CHANGED)


def test_an_erased_evidence_says_only_what_its_decision_says_as_well() -> None:
    kept = json.dumps({"tutor_suggested": "late", "tutor_reason": "late", "tutor_confidence": "high"})
    left = {
        "tutor_status_suggestion": "late",
        "tutor_confidence": "high",
        "tutor_reasons": ["late"],
        "student_reasons": [],
    }
    fields = {"evidence": json.dumps({"names": "Abel"})}
    assert list(session_findings(with_erasure(fields, {"evidence": json.dumps(left)}, kept=kept))) == []
    changed = json.dumps(left | {"tutor_status_suggestion": "present"})
    assert list(session_findings(with_erasure(fields, {"evidence": changed}, kept=kept))) == CHANGED
