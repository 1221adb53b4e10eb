"""Which participants are known to belong to their sessions, and the connection of each one's last heartbeat."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracking_service.domain.heartbeat_columns import SESSION_SHIFT, Int64s, Uint32s

#: Fibonacci hashing: multiplying by 2^64 divided by the golden ratio spreads numbers that lie close together.
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_HASH_BITS: Final = 64
MIN_SLOT_BITS = 12
#: A fuller table makes its searches long.
MAX_LOAD = 0.6
#: No participant has this key: ids are positive.
_FREE: Final = np.int64(0)
#: Nor this one. It stands in the slot of who was forgotten, over which searches for others go on.
_FORGOTTEN: Final = np.int64(-1)
#: Among millions of participants, those of the sessions to forget are found by some low bits of the session first.
_LOW_BITS: Final = 0xFFFF
#: So many are known before the oldest are forgotten: more than are present at once, and 100 MB in each generation.
MAX_PER_GENERATION = 5_000_000


class Found(NamedTuple):
    """What is known of the participants that were looked up, by position."""

    is_known: NDArray[np.bool_]
    #: Only of those that are known.
    connections: Uint32s


class KnownConnections:
    """Participants in two generations: when the younger is full, the older is forgotten, and whoever is in use stays.

    Whoever is forgotten is only looked up in the database once more.
    """

    def __init__(self, max_per_generation: int = MAX_PER_GENERATION) -> None:
        """Know nobody."""
        self._max_per_generation = max_per_generation
        self._younger, self._older = _Table(), _Table()

    def find(self, keys: Int64s) -> Found:
        """Look participants up."""
        found = self._younger.find(keys)
        missing = np.flatnonzero(~found.is_known)
        if not len(missing) or not len(self._older):
            return found
        older = self._older.find(keys[missing])
        rows = missing[older.is_known]
        found.is_known[rows] = True
        found.connections[rows] = older.connections[older.is_known]
        self.put(keys[rows], found.connections[rows])
        return found

    def put(self, keys: Int64s, connections: Uint32s) -> None:
        """Remember the connections of participants. Of a key that is given twice, one of the connections stays."""
        if len(self._younger) >= self._max_per_generation:
            self._younger, self._older = _Table(), self._younger
        self._younger.put(keys, connections)

    def forget_sessions(self, sessions: Int64s) -> None:
        """Forget everybody in some sessions. It reads all that is known, some 10 ms for a million participants."""
        self._younger.forget_sessions(sessions)
        self._older.forget_sessions(sessions)

    def forget_everybody(self) -> None:
        """Know nobody again."""
        self._younger, self._older = _Table(), _Table()


class _Table:
    """A hash table of numpy columns: 12 bytes a slot, and thousands of keys are looked up at once.

    A dict of a million participants takes ten times the memory, and for each key the time of several cache misses.
    """

    def __init__(self) -> None:
        self._bits = MIN_SLOT_BITS
        self._clear()

    def __len__(self) -> int:
        """Return how many slots are taken, also by those who were forgotten since it grew."""
        return self._count

    def find(self, keys: Int64s) -> Found:
        slots = self._slots(keys)
        return Found(self._keys[slots] == keys, self._connections[slots])

    def put(self, keys: Int64s, connections: Uint32s) -> None:
        if self._count + len(keys) > MAX_LOAD * len(self._keys):
            self._make_room(len(keys))
        self._insert(keys, connections)

    def forget_sessions(self, sessions: Int64s) -> None:
        low_bits = np.zeros(_LOW_BITS + 1, np.bool_)
        low_bits[sessions & _LOW_BITS] = True
        slots = np.flatnonzero(low_bits[(self._keys >> SESSION_SHIFT) & _LOW_BITS])
        self._keys[slots[np.isin(self._keys[slots] >> SESSION_SHIFT, sessions)]] = _FORGOTTEN

    def _clear(self) -> None:
        self._keys = np.zeros(1 << self._bits, np.int64)
        self._connections = np.zeros(1 << self._bits, np.uint32)
        self._count = 0

    def _make_room(self, count: int) -> None:
        known = self._keys > _FREE
        keys, connections = self._keys[known], self._connections[known]
        # It need not be larger if many were forgotten.
        if len(keys) + count > MAX_LOAD / 2 * len(known):
            self._bits += 1
        while len(keys) + count > MAX_LOAD * (1 << self._bits):
            self._bits += 1
        self._clear()
        self._insert(keys, connections)

    def _insert(self, keys: Int64s, connections: Uint32s) -> None:
        remaining = np.arange(len(keys))
        while len(remaining):
            slots = self._slots(keys[remaining])
            self._count += len(np.unique(slots[self._keys[slots] == _FREE]))
            # Of several keys that find the same free slot, one gets it; the others search again.
            taken = self._keys[slots]
            self._keys[slots] = np.where(taken == _FREE, keys[remaining], taken)
            won = self._keys[slots] == keys[remaining]
            self._connections[slots[won]] = connections[remaining[won]]
            remaining = remaining[~won]

    def _slots(self, keys: Int64s) -> NDArray[np.intp]:
        """Return for each key the slot that holds it, or the free one in which its search ends."""
        shift, mask = np.uint64(_HASH_BITS - self._bits), (1 << self._bits) - 1
        slots = ((keys.astype(np.uint64) * _MULTIPLIER) >> shift).astype(np.intp)
        found = self._keys[slots]
        searching = np.flatnonzero((found != keys) & (found != _FREE))
        while len(searching):
            slots[searching] = (slots[searching] + 1) & mask
            found = self._keys[slots[searching]]
            searching = searching[(found != keys[searching]) & (found != _FREE)]
        return slots
