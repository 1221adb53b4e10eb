"""Lessons as they are told by browsers and relays, to any replica, in any order, late, twice: for property tests."""

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
#: When what arrives together arrives: what is reported by then may lie in the future, and late in the past.
ARRIVALS = tuple(unit * UNIT for unit in (15, 19, 24, 29, 36))
#: Rejects a few of what arrives last.
BACKFILL_LIMIT = 32 * UNIT
SESSIONS = 4
REPLICAS = 2
#: A class: two students are one role.
STUDENTS = (STUDENT, STUDENT + 1)
PEOPLE = ((TUTOR, "tutor"), *((student, "student") for student in STUDENTS))
EVENTS_PER_PERSON = 12


class Told(NamedTuple):
    """One event, and when it is delivered to whom."""

    #: Which of the sessions.
    session: int
    person: tuple[int, str]
    kind: str
    #: Microseconds since the beginning; a browser's own time is not believed.
    observed: int
    connection_id: str
    reason: str
    by_relay: bool
    #: Indexes of ARRIVALS: some events are delivered twice.
    arrivals: tuple[int, ...]
    replica: int


_observed = st.builds(
    lambda unit, beside: max(unit * UNIT + beside, 0), st.integers(0, LATEST_UNIT), st.sampled_from((0, 0, 0, -1, 1))
)
_arrival = st.integers(0, len(ARRIVALS) - 1)


def _told(session: int, person: tuple[int, str]) -> st.SearchStrategy[list[Told]]:
    one = st.builds(
        Told,
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


#: Everything that is told of some lessons at once.
tellings = st.tuples(*(_told(session, person) for session in range(SESSIONS) for person in PEOPLE)).map(
    lambda lists: list(chain.from_iterable(lists))
)
#: Where a window begins and ends, in units.
windows = st.lists(st.integers(0, LATEST_UNIT), min_size=2, max_size=2).map(sorted)
#: After which of the arrivals a sweep closes what is silent.
sweeps = st.sets(_arrival)
