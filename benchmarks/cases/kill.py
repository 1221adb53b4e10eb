"""How long it takes until heartbeats are acknowledged again after the service was killed under load."""

from __future__ import annotations

import time
from itertools import pairwise

from benchmarks.cases.relay import relaying
from benchmarks.environment import Environment
from benchmarks.load.messages import Connect, Delivered, RideOut, RodeOut
from benchmarks.measurement import Options
from benchmarks.report import Check, Report, at_most
from benchmarks.targets import LoadShape
from testkit.postgres import query

STREAMS = 8
SESSIONS = 50_000
HEARTBEATS_PER_SECOND = 200_000
#: Of these the service runs a third before it is killed.
SECONDS = 15.0
#: A query takes less.
_POLL_SECONDS = 0.25
_MAX_WAIT_SECONDS = 120.0
_OLD_COLUMNS = """
    -- Sessions one of whose participants was last seen before this time.
    SELECT count(*) FROM whiteboard_sessions
    WHERE least(tutor_last_activity_at, student_last_activity_at) < to_timestamp({killed_at})
"""


def run(environment: Environment, options: Options) -> Report:
    """Kill the service while the relay client sends at a steady rate, and start it again at once."""
    shape = LoadShape(
        streams=STREAMS, sessions=options.scaled(SESSIONS, at_least=STREAMS), heartbeats_per_message=1, window=1
    )
    seconds = options.duration(SECONDS)
    rate = options.scaled(HEARTBEATS_PER_SECOND)
    # Everybody is heard once more after the kill.
    load = RideOut(seconds=seconds + shape.participants / rate, per_second=rate)
    with (
        environment.database(shape.sessions) as database,
        environment.service(database) as service,
        relaying(environment, service, shape) as relay,
    ):
        environment.log(f"{shape.participants:,} participants connect")
        relay.request(Connect(), Delivered)
        relay.send(load)
        time.sleep(seconds / 3)
        service.kill()
        killed_at, restarted = time.time(), time.monotonic()
        service.start()
        serving = time.monotonic()
        environment.log(f"killed; serves again after {serving - restarted:.1f} s")
        columns = _wait_for_columns(database, killed_at)
        rode_out = relay.receive(RodeOut)
    first = first_acknowledgement(rode_out, restarted)
    return Report(
        title=f"Killed under {rate:,} heartbeats/s of {shape.participants:,} participants, and started again at once",
        header=("from the start", "seconds"),
        rows=[
            ("until it reports SERVING", f"{serving - restarted:.2f}"),
            ("until the first ack", f"{first - restarted:.2f}"),
            ("until no more heartbeats wait than before", f"{caught_up(rode_out, restarted, first) - restarted:.2f}"),
            ("until every documented column is later than the kill", f"{columns - restarted:.2f}"),
        ],
        checks=(
            at_most("until the first ack", first - restarted, 2, unit=" s", digits=2),
            at_most("until every column is later than the kill", columns - restarted, 10, unit=" s", digits=2),
            Check(
                goal="everything is acknowledged, nothing rejected",
                measured=f"{rode_out.acknowledged:,} of {rode_out.passed:,}, {rode_out.rejections} rejected",
                is_met=rode_out.acknowledged == rode_out.passed and not rode_out.rejections,
            ),
        ),
        notes=("the relay client passes heartbeats on, keeps them meanwhile, and connects again by itself",),
    )


def first_acknowledgement(rode_out: RodeOut, restarted: float) -> float:
    """Return when the new process acknowledged something: at the end of the longest silence.

    What the old process acknowledged may be noticed a little after its end.
    """
    times = [restarted, *(noticed.at for noticed in rode_out.acknowledgements if noticed.at > restarted)]
    _, end = max(pairwise(times), key=lambda silence: silence[1] - silence[0])
    return end


def caught_up(rode_out: RodeOut, restarted: float, first: float) -> float:
    """Return when no more heartbeats waited than ever before the kill; the last acknowledgement if they always did."""
    usual = max((noticed.waiting for noticed in rode_out.acknowledgements if noticed.at <= restarted), default=0)
    after = [noticed for noticed in rode_out.acknowledgements if noticed.at >= first]
    return next((noticed.at for noticed in after if noticed.waiting <= usual), after[-1].at)


def _wait_for_columns(database: str, killed_at: float) -> float:
    """Return when the documented columns of all sessions are later than the kill; TimeoutError."""
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    while time.monotonic() < deadline:
        if query(database, _OLD_COLUMNS.format(killed_at=killed_at)) == [(0,)]:
            return time.monotonic()
        time.sleep(_POLL_SECONDS)
    raise TimeoutError("documented columns are still older than the kill")
