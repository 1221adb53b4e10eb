"""Whether the ledger is as it was written: hash chains per session, and checkpoints (docs/decisions.md#hash-chains)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple


class RowReference(NamedTuple):
    """One row of the ledger."""

    table: str
    #: The values of its primary key, joined by slashes.
    key: str

    def __str__(self) -> str:
        """Return it as findings name it."""
        return f"{self.table} {self.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainEntry:
    """The place of a row in the chain of its session."""

    position: int
    row: RowReference
    content_hash: bytes
    chain_hash: bytes


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
    contents: Mapping[RowReference, str]
    heads: Sequence[CheckpointHead] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A checkpoint, with the heads that it covers by session."""

    day: date
    hash: bytes
    heads: Sequence[CheckpointHead]


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


def _row_findings(ledger: SessionLedger) -> Iterator[str]:
    chained = {entry.row: entry for entry in ledger.entries}
    for row, entry in chained.items():
        content = ledger.contents.get(row)
        if content is None:
            yield f"session {ledger.session_id}: {row} was deleted"
        elif sha256(content.encode()).digest() != entry.content_hash:
            yield f"session {ledger.session_id}: {row} was changed after it was written"
    for row in ledger.contents.keys() - chained.keys():
        yield f"session {ledger.session_id}: {row} was added past the chain"


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
