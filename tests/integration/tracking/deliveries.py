"""Events of lessons as browsers and relays deliver them: to any replica, in any order, late, twice."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple

from hypothesis import strategies as st

from servicekit.clock import from_datetime, seconds
from testkit.whiteboard_sessions import STUDENT, TUTOR

#: Times are whole numbers of these, or next to one: every edge is met often.
UNIT = seconds(15)
TIMEOUT = 5 * UNIT
LATEST_UNIT = 24
BEGIN = from_datetime(datetime(2026, 3, 2, 12, tzinfo=UTC))
#: When events arrive, several at once: their own times may be later, or long before.
ARRIVALS = tuple(unit * UNIT for unit in (15, 19, 24, 29, 36))
#: A few of the last to arrive are older.
BACKFILL_LIMIT = 32 * UNIT
SESSIONS = 4
REPLICAS = 2
#: A class: two students are one role.
STUDENTS = (STUDENT, STUDENT + 1)
PEOPLE = ((TUTOR, "tutor"), *((student, "student") for student in STUDENTS))
EVENTS_PER_PERSON = 12


class Delivery(NamedTuple):
    """One event, when it is delivered, and to which replica."""

    #: Which of the sessions.
    session: int
    person: tuple[int, str]
    kind: str
    #: Microseconds since the beginning; a browser's own time is not used.
    observed: int
    connection_id: str
    reason: str
    by_relay: bool
    #: Indexes of ARRIVALS: some events are delivered twice.
    arrivals: tuple[int, ...]
    replica: int


_observed = st.builds(
    lambda unit, difference: max(unit * UNIT + difference, 0),
    st.integers(0, LATEST_UNIT),
    st.sampled_from((0, 0, 0, -1, 1)),
)
_arrival = st.integers(0, len(ARRIVALS) - 1)


def _deliveries(session: int, person: tuple[int, str]) -> st.SearchStrategy[list[Delivery]]:
    one = st.builds(
        Delivery,
        session=st.just(session),
        person=st.just(person),
        kind=st.sampled_from(("heartbeat", "heartbeat", "heartbeat", "connect", "disconnect")),
        observed=_observed,
        connection_id=st.sampled_from(("", "", "phone")),
        reason=st.sampled_from(("closed", "closed", "timed_out")),
        by_relay=st.sampled_from((True, True, True, True, False)),
        arrivals=st.one_of(st.tuples(_arrival), st.tuples(_arrival), st.tuples(_arrival, _arrival)),
        replica=st.integers(0, REPLICAS - 1),
    )
    return st.lists(one, max_size=EVENTS_PER_PERSON)


#: All events of some lessons.
delivery_lists = st.tuples(*(_deliveries(session, person) for session in range(SESSIONS) for person in PEOPLE)).map(
    lambda lists: list(chain.from_iterable(lists))
)
#: Where a window begins and ends, in units.
windows = st.lists(st.integers(0, LATEST_UNIT), min_size=2, max_size=2).map(sorted)
#: The arrivals after which silent intervals are closed.
sweeps = st.sets(_arrival)
