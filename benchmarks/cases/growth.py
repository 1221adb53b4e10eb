"""Whether a heartbeat costs more when a lot is stored already."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from benchmarks import targets
from benchmarks.cases.throughput import SECONDS
from benchmarks.environment import Environment
from benchmarks.measurement import Options, Rounds, Target, interleaved
from benchmarks.report import Report, at_most
from benchmarks.targets import CLIENT, POSTGRES, SERVER, LoadShape
from testkit.postgres import execute

ACTIVE_SESSIONS = 1_000
STORED_SESSIONS = 1_000_000
STREAMS = 8
BATCH_SIZE = 25
WINDOW = 10_000
#: Slow enough that no two heartbeats of a participant are merged into one write.
HEARTBEATS_PER_SECOND = 20_000

#: Log entries have some 110 bytes. The shorter log just fits into its row; the longer one is an hour of drawing.
INLINE_ENTRIES = 15
LONG_ENTRIES = 400

SMALL = "1,000 sessions"
LARGE = "1,000,000 sessions with their history"
INLINE = f"logs of {INLINE_ENTRIES} entries"
LONG = f"logs of {LONG_ENTRIES} entries"

_HISTORY = (
    # No triggers: the rows are consistent, and checking millions of foreign keys would take minutes.
    "SET session_replication_role = replica",
    """
    -- Completed sessions.
    INSERT INTO whiteboard_sessions (tutor_id, student_id, status)
    SELECT 2 * session, ARRAY[2 * session + 1], 'completed' FROM generate_series({first}, {last}) AS session
    """,
    """
    -- An hour of presence of both participants in each.
    INSERT INTO presence_intervals
        (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason)
    SELECT session, 2 * session + student, CASE student WHEN 0 THEN 'tutor' ELSE 'student' END,
        start_time, start_time + interval '1 hour', start_time + interval '1 hour', 'closed'
    FROM generate_series({first}, {last}) AS session, generate_series(0, 1) AS student,
        LATERAL (SELECT now() - interval '1 day' - session * interval '1 minute' AS start_time) AS start
    """,
    """
    -- The connect and the disconnect.
    INSERT INTO connection_events (whiteboard_session_id, user_id, user_type, occurred_at, event)
    SELECT whiteboard_session_id, user_id, user_type, CASE kind WHEN 'connect' THEN started_at ELSE ended_at END, kind
    FROM presence_intervals, unnest(ARRAY['connect', 'disconnect']) AS kind
    """,
    "VACUUM ANALYZE",
)

_LOGS = (
    """
    -- Long logs, as after lessons with a lot of drawing.
    UPDATE whiteboard_sessions SET connection_logs = (
        SELECT jsonb_agg(jsonb_build_object('user_id', tutor_id, 'user_type', 'tutor', 'event', 'activity',
            'timestamp', now() + entry * interval '30 seconds', 'activity_type', 'draw'))
        FROM generate_series(1, {entries}) AS entry
    )
    """,
    # Without this, old row versions leave the pages half empty, which they are not in an adopted database.
    "VACUUM FULL whiteboard_sessions",
    "VACUUM ANALYZE",
)


def run(environment: Environment, options: Options) -> Report:
    """Measure heartbeats on databases in which a little, a lot, and long logs are stored."""
    active = options.scaled(ACTIVE_SESSIONS, at_least=STREAMS)
    stored = options.scaled(STORED_SESSIONS, at_least=2 * active)
    contents = {
        SMALL: (),
        LARGE: tuple(statement.format(first=active + 1, last=stored) for statement in _HISTORY),
        INLINE: tuple(statement.format(entries=INLINE_ENTRIES) for statement in _LOGS),
        LONG: tuple(statement.format(entries=LONG_ENTRIES) for statement in _LOGS),
    }
    shape = LoadShape(streams=STREAMS, sessions=active, heartbeats_per_message=BATCH_SIZE, window=WINDOW)
    rate = options.scaled(HEARTBEATS_PER_SECOND)
    with ExitStack() as stack:
        measured: list[Target] = []
        for name, statements in contents.items():
            database = stack.enter_context(environment.database(active))
            environment.log(f"{name}: fill the database")
            execute(database, *statements)
            service = stack.enter_context(targets.streams(environment, database, shape, name=name))
            measured.append(replace(service, cycle_seconds=shape.participants / rate))
        rounds = interleaved(measured, rounds=options.rounds, seconds=options.duration(SECONDS), log=environment.log)
    small = _cost(rounds[SMALL])
    return Report(
        title=f"Growth: {HEARTBEATS_PER_SECOND:,} heartbeats/s of {shape.participants:,} participants",
        header=("", "heartbeats/s", "server us", "PostgreSQL us", "client us", f"of that with {SMALL}"),
        rows=[_row(name, measurements, small) for name, measurements in rounds.items()],
        checks=tuple(
            at_most(f"CPU per heartbeat with {name}, to that with {SMALL}", _cost(rounds[name]) / small, 1.2, digits=2)
            for name in (LARGE, INLINE, LONG)
        ),
    )


def _cost(measured: Rounds) -> float:
    return measured.cost(SERVER) + measured.cost(POSTGRES)


def _row(name: str, measured: Rounds, small: float) -> Sequence[str]:
    costs = [measured.cost(process) for process in (SERVER, POSTGRES, CLIENT)]
    return (name, f"{measured.rate:,.0f}", *(f"{cost:.1f}" for cost in costs), f"{_cost(measured) / small:.2f}")
