"""Whether the ledger is as it was written: hash chains per session, and checkpoints (docs/decisions.md#hash-chains).

The personal fields of a row are hashed one by one, each with a salt. Whoever erases a field deletes its salt and adds
an entry that says so; all other fields of the row are verified as before (docs/decisions.md#erased-people).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, NamedTuple

from attendance_service.domain.personal_data import ERASED_TEXT

#: In the place of the hash of a field that was erased, an entry has this, and the hash of what the field became.
ERASED: Final = "erased:"


class RowReference(NamedTuple):
    """One row of the ledger."""

    table: str
    #: The values of its primary key, joined by slashes.
    key: str

    def __str__(self) -> str:
        """Return it as findings name it."""
        return f"{self.table} {self.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RowContent:
    """What is in a row now, each as the database writes it."""

    #: A JSON object of its fields that name nobody.
    kept: str
    #: The JSON of each field that can name a person, as far as it is set.
    personal: Mapping[str, str] = field(default_factory=dict)
    #: By the fields that were not erased.
    salts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainEntry:
    """The place of a row in the chain of its session: once when it was written, and again for each erasure."""

    position: int
    row: RowReference
    content_hash: bytes
    chain_hash: bytes
    #: A JSON object with the hash of each personal field that is set, or `erased:`, as the database writes it.
    personal: str = "{}"

    @property
    def leaves(self) -> Mapping[str, str]:
        """The hashes of the personal fields by their names."""
        known: dict[str, str] = json.loads(self.personal)
        return known


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointHead:
    """The newest entry of a session's chain when a checkpoint was taken."""

    session_id: int
    position: int
    chain_hash: bytes
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionLedger:
    """Everything that is stored about one session."""

    session_id: int
    #: By position.
    entries: Sequence[ChainEntry]
    #: What is in each row now, as the database writes it.
    contents: Mapping[RowReference, RowContent]
    heads: Sequence[CheckpointHead] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A checkpoint, with the heads that it covers by session."""

    day: date
    hash: bytes
    heads: Sequence[CheckpointHead]


def content_hash(kept: str, personal: str) -> bytes:
    """Return the hash of a row; `personal` has the hashes of its personal fields."""
    return sha256((kept + personal).encode()).digest()


def field_hash(salt: str, value: str) -> str:
    """Return the hash of a personal field."""
    return sha256(f"{salt} {value}".encode()).hexdigest()


def erased_field(became: str) -> str:
    """Return what an entry has of a personal field that was erased, by the JSON of what it became."""
    return ERASED + sha256(became.encode()).hexdigest()


def chain_hash(session_id: int, entry: ChainEntry, previous: bytes) -> bytes:
    """Return the hash that an entry must have after the one with the hash `previous` (empty: it is the first)."""
    place = f"{session_id} {entry.position} {entry.row.table} {entry.row.key}"
    return sha256(previous + entry.content_hash + place.encode()).digest()


def checkpoint_hash(heads: Iterable[CheckpointHead], previous: bytes) -> bytes:
    """Return the hash of a checkpoint after the one with the hash `previous` (empty: it is the first)."""
    digest = sha256(previous)
    for head in heads:
        digest.update(struct.pack(">ii", head.session_id, head.position) + head.chain_hash)
    return digest.digest()


def session_findings(ledger: SessionLedger) -> Iterator[str]:
    """Return a sentence for everything that is not as it was written."""
    yield from _row_findings(ledger)
    yield from _chain_findings(ledger)
    yield from _head_findings(ledger)


def checkpoint_findings(checkpoints: Iterable[Checkpoint]) -> Iterator[str]:
    """Return a sentence for each checkpoint that does not follow from the one before; they come in order of time."""
    previous = b""
    for checkpoint in checkpoints:
        if checkpoint_hash(checkpoint.heads, previous) != checkpoint.hash:
            yield f"checkpoint of {checkpoint.day}: it or the one before it was changed after it was taken"
        previous = checkpoint.hash


def erased_fields(ledgers: Iterable[SessionLedger]) -> int:
    """Return how many fields were erased."""
    newest = ({entry.row: entry for entry in ledger.entries} for ledger in ledgers)
    return sum(_is_erasure(leaf) for rows in newest for it in rows.values() for leaf in it.leaves.values())


def _row_findings(ledger: SessionLedger) -> Iterator[str]:
    chained: dict[RowReference, list[ChainEntry]] = {}
    for entry in ledger.entries:
        chained.setdefault(entry.row, []).append(entry)
    for row, entries in chained.items():
        content = ledger.contents.get(row)
        if content is None:
            yield f"session {ledger.session_id}: {row} was deleted"
        elif not _is_as_written(content, entries):
            yield f"session {ledger.session_id}: {row} was changed after it was written"
    for row in ledger.contents.keys() - chained.keys():
        yield f"session {ledger.session_id}: {row} was added past the chain"


def _is_as_written(content: RowContent, entries: Sequence[ChainEntry]) -> bool:
    """Return whether a row is what its entries say: as it was written, without what was erased since."""
    leaves = [entry.leaves for entry in entries]
    return (
        all(content_hash(content.kept, entry.personal) == entry.content_hash for entry in entries)
        and not any(map(_is_erasure, leaves[0].values()))
        and all(_only_erases(before, after) for before, after in pairwise(leaves))
        and content.personal.keys() <= leaves[-1].keys()
        and all(_is_field_as_written(content, name, leaf) for name, leaf in leaves[-1].items())
    )


def _is_erasure(leaf: str) -> bool:
    return leaf.startswith(ERASED)


def _only_erases(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return before.keys() == after.keys() and all(
        after[name] == leaf or (_is_erasure(after[name]) and not _is_erasure(leaf)) for name, leaf in before.items()
    )


def _is_field_as_written(content: RowContent, name: str, leaf: str) -> bool:
    value, salt = content.personal.get(name), content.salts.get(name)
    if not _is_erasure(leaf):
        return value is not None and salt is not None and field_hash(salt, value) == leaf
    became = "null" if value is None else value
    return salt is None and erased_field(became) == leaf and _is_erased(json.loads(became), json.loads(content.kept))


def _is_erased(value: Any, kept: Mapping[str, Any]) -> bool:  # noqa: ANN401 - whatever JSON holds
    """Return whether a value says nothing of whoever was there: `kept` are the fields that name nobody."""
    match value:
        case None:
            return True
        case int():
            return value < 0
        case dict():
            return value == _suggested(kept)
        case _:
            return bool(value == ERASED_TEXT)


def _suggested(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is left of an evidence: what other fields of its decision say as well."""
    left: dict[str, Any] = {}
    for person in ("tutor", "student"):
        reason = kept.get(f"{person}_reason")
        left |= {
            f"{person}_status_suggestion": kept.get(f"{person}_suggested"),
            f"{person}_confidence": kept.get(f"{person}_confidence"),
            f"{person}_reasons": [] if reason is None else [reason],
        }
    return {name: value for name, value in left.items() if value is not None}


def _chain_findings(ledger: SessionLedger) -> Iterator[str]:
    previous = b""
    for expected, entry in enumerate(ledger.entries, start=1):
        if entry.position != expected:
            yield f"session {ledger.session_id}: entry {expected} of its chain was deleted"
            return
        if chain_hash(ledger.session_id, entry, previous) != entry.chain_hash:
            yield f"session {ledger.session_id}: entry {expected} of its chain ({entry.row}) was changed"
        previous = entry.chain_hash


def _head_findings(ledger: SessionLedger) -> Iterator[str]:
    hashes = {entry.position: entry.chain_hash for entry in ledger.entries}
    for head in ledger.heads:
        if hashes.get(head.position) != head.chain_hash:
            yield (
                f"session {ledger.session_id}: its chain was rewritten: entry {head.position} is not the one of the "
                f"checkpoint of {head.day}"
            )
            return
