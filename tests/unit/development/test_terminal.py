from __future__ import annotations

import pytest

from development.up.terminal import MAX_SHOWN_CHARACTERS, brief, is_noteworthy


@pytest.mark.parametrize(
    "line",
    [
        '{"time": "2026-03-09T10:00:00.000+00:00", "level": "warning", "message": "queue full"}',
        '{"level": "error", "message": "call failed"}',
        "[2026-03-09 10:00:00.000][12][critical][main] [source/server/server.cc:1] failed",
        "2026-03-09 10:00:00.000 UTC [12] FATAL:  the database system is starting up",
    ],
)
def test_warnings_and_worse_are_shown(line: str) -> None:
    assert is_noteworthy(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        '{"level": "info", "message": "started"}',
        '{"method": "GET", "path": "/error:/", "status": 404}',
        "[2026-03-09 10:00:00.000][12][info][main] [source/server/server.cc:1] starting",
        "2026-03-09 10:00:00.000 UTC [12] LOG:  checkpoint complete",
        "{not JSON",
        "[1, 2]",
    ],
)
def test_other_lines_are_only_logged(line: str) -> None:
    assert not is_noteworthy(line)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level": "warning", "message": "queue full", "service": "tracking"}', "warning: queue full"),
        (
            '{"level": "error", "message": "failed", "exception": "Traceback\\n File\\nx.SomeError: no row\\n[SQL]"}',
            "error: failed: x.SomeError: no row",
        ),
        ('{"level": "error", "message": "failed", "exception": "Interrupted"}', "error: failed: Interrupted"),
        ('{"method": "GET"}', '{"method": "GET"}'),
        ("plain words", "plain words"),
    ],
)
def test_a_line_is_shortened(line: str, shown: str) -> None:
    assert brief(line) == shown


def test_a_long_line_is_cut() -> None:
    assert brief("x" * 1000) == "x" * MAX_SHOWN_CHARACTERS + " ..."
