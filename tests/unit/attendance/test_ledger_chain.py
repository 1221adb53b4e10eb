"""What the verification of a ledger finds, whatever was done to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from attendance_service.domain.ledger_chain import (
    ChainEntry,
    Checkpoint,
    CheckpointHead,
    RowReference,
    SessionLedger,
    chain_hash,
    checkpoint_findings,
    checkpoint_hash,
    session_findings,
)

SESSION = 12
DAY = date(2026, 3, 1)
CONTENTS = st.lists(st.text(min_size=1), min_size=1, max_size=6)


def written(contents: list[str]) -> SessionLedger:
    """Return a ledger as it is written: one row for each content."""
    entries: list[ChainEntry] = []
    rows = {RowReference("attendance_decisions", str(number)): text for number, text in enumerate(contents, start=1)}
    previous = b""
    for position, (row, content) in enumerate(rows.items(), start=1):
        content_hash = sha256(content.encode()).digest()
        entry = ChainEntry(position=position, row=row, content_hash=content_hash, chain_hash=b"")
        previous = chain_hash(SESSION, entry, previous)
        entries.append(replace(entry, chain_hash=previous))
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
    row = data.draw(st.sampled_from(list(ledger.contents)))
    changed = replace(ledger, contents={**ledger.contents, row: ledger.contents[row] + "!"})
    assert list(session_findings(changed)) == [f"session 12: {row} was changed after it was written"]


@given(CONTENTS, st.data())
def test_a_deleted_row_is_named(contents: list[str], data: st.DataObject) -> None:
    ledger = written(contents)
    row = data.draw(st.sampled_from(list(ledger.contents)))
    rest = {other: content for other, content in ledger.contents.items() if other != row}
    assert list(session_findings(replace(ledger, contents=rest))) == [f"session 12: {row} was deleted"]


def test_a_row_that_was_added_past_the_chain_is_named() -> None:
    ledger = written(["one"])
    contents = {**ledger.contents, RowReference("attendance_claims", "7"): "seven"}
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
    moved = replace(ledger, entries=[replace(entry, row=other)], contents={other: "one"})
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
