"""Which group a whiteboard session belongs to: the unit in which facts are made and locked (docs/streams.md#folding).

In one PostgreSQL the remainder of its id says so. On several, sessions are divided among shards by a hash of their ids,
and so are groups: each lies in one shard, so that a fold is a transaction of one server (docs/several-databases.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from tracking_service.domain.heartbeat_columns import SESSION_SHIFT, Int64s, Uint32s

#: Sessions are folded in so many groups. At three million people each has some 12,000, whose rows are written within a
#: tenth of a second.
GROUPS = 256
ALL_GROUPS = range(GROUPS)
#: The first bits of a hash are the number of a group; shards are ranges of hashes, from the lowest signed number on.
_GROUP_SHIFT = 24
_SIGN = 1 << 31
#: What PostgreSQL's `hash_uint32` begins with: Bob Jenkins' constant for a key of four bytes.
_BEGIN = np.uint32(0x9E3779B9 + 4 + 3923095)

IdT = TypeVar("IdT", bound=int)


class Grouping(NamedTuple):
    """How sessions are divided into groups, and groups among shards."""

    #: A power of two, 256 at most; None: they are in one PostgreSQL.
    shards: int | None = None
    #: The number of the server of each shard; empty: each shard is on one of its own.
    servers: tuple[int, ...] = ()

    @property
    def is_distributed(self) -> bool:
        """Whether facts are in shards."""
        return self.shards is not None

    def group_of(self, session_id: int) -> int:
        """Return the group of a whiteboard session."""
        if self.shards is None:
            return session_id % GROUPS
        return _group_of(session_id)

    def groups_of(self, keys: Int64s) -> Int64s:
        """Return the groups of participants' sessions."""
        sessions = keys >> SESSION_SHIFT
        return sessions % GROUPS if self.shards is None else _hashed(sessions)

    def anchor(self, group: int) -> int:
        """Return the id by which the row of a group is stored: that of a session in it, so both are in one shard."""
        return group if self.shards is None else _anchors()[group]

    def group_of_anchor(self, anchor: int) -> int:
        """Return the group whose row has an id."""
        return self.group_of(anchor)

    def by_shard(self, groups: Iterable[int]) -> list[Sequence[int]]:
        """Divide groups into those that are in the same shard."""
        if self.shards is None:
            chosen = groups if isinstance(groups, range) else sorted(groups)
            return [chosen] if chosen else []
        divided: dict[int, list[int]] = {}
        for group in sorted(groups):
            divided.setdefault(self._shard_of_group(group), []).append(group)
        return list(divided.values())

    def by_server(self, groups: Iterable[int]) -> list[Sequence[int]]:
        """Divide groups into those that are on the same server."""
        divided: dict[int, list[int]] = {}
        for own in self.by_shard(groups):
            divided.setdefault(self.server_of(own[0]), []).extend(own)
        return list(divided.values())

    def server_of(self, group: int) -> int:
        """Return the number of the server of a group."""
        shard = self._shard_of_group(group)
        return self.servers[shard] if self.servers else shard

    def shard_of(self, session_id: int) -> int:
        """Return the number of the shard of a whiteboard session; 0 if there is one alone."""
        return self._shard_of_group(self.group_of(session_id))

    def sessions_by_shard(self, session_ids: Iterable[IdT]) -> list[list[IdT]]:
        """Divide the ids of sessions into those that are in one shard."""
        if self.shards is None:
            own = list(session_ids)
            return [own] if own else []
        by_group: dict[int, list[IdT]] = {}
        for one in session_ids:
            by_group.setdefault(self.group_of(one), []).append(one)
        return [[one for group in groups for one in by_group[group]] for groups in self.by_shard(by_group)]

    def _shard_of_group(self, group: int) -> int:
        return group * (self.shards or 1) // GROUPS


#: Everything is in one PostgreSQL.
UNDIVIDED = Grouping()


@cache
def _anchors() -> Sequence[int]:
    """Return the smallest id in each group."""
    found: dict[int, int] = {}
    # Among so many ids there is one of each group.
    for anchor, group in enumerate(_hashed(np.arange(16 * GROUPS)).tolist()):
        found.setdefault(group, anchor)
    return [found[group] for group in ALL_GROUPS]


@lru_cache(maxsize=65_536)
def _group_of(session_id: int) -> int:
    # For one session numpy takes 20 us.
    return int(_hashed(np.array([session_id], np.int64))[0])


def _hashed(sessions: Int64s) -> Int64s:
    """Return the first bits of PostgreSQL's `hashint4`, counted from the lowest signed number on."""
    a = sessions.astype(np.uint32) + _BEGIN
    b = np.full_like(a, _BEGIN)
    c = b.copy()
    c = (c ^ b) - _rotated(b, 14)
    a = (a ^ c) - _rotated(c, 11)
    b = (b ^ a) - _rotated(a, 25)
    c = (c ^ b) - _rotated(b, 16)
    a = (a ^ c) - _rotated(c, 4)
    b = (b ^ a) - _rotated(a, 14)
    c = (c ^ b) - _rotated(b, 24)
    groups: Uint32s = (c ^ np.uint32(_SIGN)) >> np.uint32(_GROUP_SHIFT)
    return groups.astype(np.int64)


def _rotated(value: Uint32s, bits: int) -> Uint32s:
    return (value << np.uint32(bits)) | (value >> np.uint32(32 - bits))
