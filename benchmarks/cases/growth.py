"""Whether a heartbeat costs more when much is stored already."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from benchmarks import targets
from benchmarks.cases.comparison import SECONDS
from benchmarks.measurement import Rounds, Target, interleaved
from benchmarks.options import Options
from benchmarks.report import Report, at_most
from benchmarks.targets import CLIENT, POSTGRES, SERVER, Shape
from benchmarks.workbench import Workbench
from testkit.postgres import execute

ACTIVE_SESSIONS = 1_000
STORED_SESSIONS = 1_000_000
STREAMS = 8
BEATS_PER_MESSAGE = 25
WINDOW = 10_000
#: Slow enough that no two heartbeats of a person fold into one.
BEATS_PER_SECOND = 20_000

#: Entries of a log of some 110 bytes each: one that just fits into its row, and one of an hour of drawing.
INLINE_ENTRIES = 15
LONG_ENTRIES = 400

LITTLE = "1,000 sessions"
MUCH = "1,000,000 sessions with their history"
INLINE = f"logs of {INLINE_ENTRIES} entries"
LONG = f"logs of {LONG_ENTRIES} entries"

_HISTORY = (
    # The rows are consistent: checking millions of references one by one would take minutes.
    "SET session_replication_role = replica",
    """
    -- Sessions that are over.
    INSERT INTO whiteboard_sessions (tutor_id, student_id, status)
    SELECT 2 * session, ARRAY[2 * session + 1], 'completed' FROM generate_series({first}, {last}) AS session
    """,
    """
    -- An hour of presence in each, of both.
    INSERT INTO presence_intervals
        (whiteboard_session_id, user_id, user_type, started_at, ended_at, last_sign_at, end_reason)
    SELECT session, 2 * session + student, CASE student WHEN 0 THEN 'tutor' ELSE 'student' END,
        moment, moment + interval '1 hour', moment + interval '1 hour', 'closed'
    FROM generate_series({first}, {last}) AS session, generate_series(0, 1) AS student,
        LATERAL (SELECT now() - interval '1 day' - session * interval '1 minute' AS moment) AS start
    """,
    """
    -- What began and ended it.
    INSERT INTO connection_events (whiteboard_session_id, user_id, user_type, occurred_at, event)
    SELECT whiteboard_session_id, user_id, user_type, CASE kind WHEN 'connect' THEN started_at ELSE ended_at END, kind
    FROM presence_intervals, unnest(ARRAY['connect', 'disconnect']) AS kind
    """,
    "VACUUM ANALYZE",
)

_LOGS = (
    """
    -- Long logs, as lively lessons leave them.
    UPDATE whiteboard_sessions SET connection_logs = (
        SELECT jsonb_agg(jsonb_build_object('user_id', tutor_id, 'user_type', 'tutor', 'event', 'activity',
            'timestamp', now() + entry * interval '30 seconds', 'activity_type', 'draw'))
        FROM generate_series(1, {entries}) AS entry
    )
    """,
    # The old row versions would leave the pages half empty, and so make room that an adopted database has not.
    "VACUUM FULL whiteboard_sessions",
    "VACUUM ANALYZE",
)


def run(workbench: Workbench, options: Options) -> Report:
    """Measure."""
    active = options.scaled(ACTIVE_SESSIONS, at_least=STREAMS)
    stored = options.scaled(STORED_SESSIONS, at_least=2 * active)
    prepared = {
        LITTLE: (),
        MUCH: tuple(statement.format(first=active + 1, last=stored) for statement in _HISTORY),
        INLINE: tuple(statement.format(entries=INLINE_ENTRIES) for statement in _LOGS),
        LONG: tuple(statement.format(entries=LONG_ENTRIES) for statement in _LOGS),
    }
    shape = Shape(streams=STREAMS, sessions=active, beats_per_message=BEATS_PER_MESSAGE, window=WINDOW)
    rate = options.scaled(BEATS_PER_SECOND)
    with ExitStack() as stack:
        measured: list[Target] = []
        for name, statements in prepared.items():
            database = stack.enter_context(workbench.database(active))
            workbench.say(f"{name}: fill the database")
            execute(database, *statements)
            service = stack.enter_context(targets.streams(workbench, database, shape, name=name))
            measured.append(replace(service, cycle_seconds=shape.people / rate))
        rounds = interleaved(measured, rounds=options.rounds, seconds=options.duration(SECONDS), say=workbench.say)
    little = _cost(rounds[LITTLE])
    return Report(
        title=f"Growth: {BEATS_PER_SECOND:,} beats/s of {shape.people:,} people, while this is stored",
        header=("", "beats/s", "server us", "PostgreSQL us", "client us", f"of that with {LITTLE}"),
        rows=[_row(name, measurements, little) for name, measurements in rounds.items()],
        checks=tuple(
            at_most(f"CPU per beat with {name}, to that with {LITTLE}", _cost(rounds[name]) / little, 1.2, digits=2)
            for name in (MUCH, INLINE, LONG)
        ),
    )


def _cost(measured: Rounds) -> float:
    return measured.cost(SERVER) + measured.cost(POSTGRES)


def _row(name: str, measured: Rounds, little: float) -> Sequence[str]:
    costs = [measured.cost(process) for process in (SERVER, POSTGRES, CLIENT)]
    return (name, f"{measured.rate:,.0f}", *(f"{cost:.1f}" for cost in costs), f"{_cost(measured) / little:.2f}")
