"""All sockets of a process."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.presence_socket.session import PresenceSession

#: Visits are spread over so many moments of an interval: at 10,000 sockets and 15 s, 160 visits of 30 us each 0.25 s.
SLOTS = 60


class Roll:
    """Sockets by their connection ids, which are random and so spread them evenly over slots."""

    def __init__(self) -> None:
        """Nobody is there."""
        self._slots: list[dict[str, PresenceSession]] = [{} for _ in range(SLOTS)]

    def __len__(self) -> int:
        """Return how many sockets there are."""
        return sum(map(len, self._slots))

    def __iter__(self) -> Iterator[PresenceSession]:
        """Yield every socket that is there at the beginning."""
        yield from [session for slot in self._slots for session in slot.values()]

    def add(self, session: PresenceSession) -> None:
        """Enter a socket."""
        self._slot(session.connection_id)[session.connection_id] = session

    def remove(self, session: PresenceSession) -> None:
        """Strike a socket off."""
        self._slot(session.connection_id).pop(session.connection_id, None)

    def find(self, connection_id: str) -> PresenceSession | None:
        """Return the socket of this name."""
        return self._slot(connection_id).get(connection_id)

    def in_slot(self, number: int) -> list[PresenceSession]:
        """Return the sockets that are in a slot now; slots are numbered from 0."""
        return list(self._slots[number].values())

    def _slot(self, connection_id: str) -> dict[str, PresenceSession]:
        return self._slots[hash(connection_id) % SLOTS]
