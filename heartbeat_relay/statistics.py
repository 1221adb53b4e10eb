"""What a relay has done so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """Counts since the relay was made."""

    #: Events written to the wire; those that were sent again count again.
    sent: int
    #: Events that the service has answered for: recorded, or refused.
    acknowledged: int
    #: How many of the acknowledged ones were refused.
    rejected: int
    #: Events that are kept, sent or not.
    unacknowledged: int
    #: How often a stream was opened again after it had been open.
    reconnects: int
