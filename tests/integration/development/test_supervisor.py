"""The supervisor of `make up`, with real processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from development.up.readiness import until_written
from development.up.supervisor import KEPT_LINES, MAX_LINE_BYTES, Command, StartFailed, Supervisor
from testkit.eventually import eventually

WARNING = json.dumps({"level": "warning", "message": "the queue is full"})
#: Ignores the request to stop.
STUBBORN = """
import pathlib, signal, sys
signal.signal(15, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""
#: When it is asked to stop, it says so and waits until another one has printed a warning of that.
ANNOUNCING = """
import pathlib, signal, sys, time
def stop(*_):
    pathlib.Path(sys.argv[2]).touch()
    while not pathlib.Path(sys.argv[3]).exists():
        time.sleep(0.01)
    sys.exit(0)
signal.signal(15, stop)
pathlib.Path(sys.argv[1]).touch()
while True:
    signal.pause()
"""
MISSING = """
import pathlib, signal, sys, time
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path(sys.argv[2]).exists():
    time.sleep(0.01)
print(sys.argv[3], flush=True)
pathlib.Path(sys.argv[4]).touch()
signal.pause()
"""
WAITING = "import signal; signal.pause()"
WAITING_BRIEFLY = "import time; time.sleep(0.1)"
WRITING_ITS_ID = """
import os, pathlib, signal, sys
print("started", flush=True)
draft = pathlib.Path(sys.argv[1] + ".draft")
draft.write_text(str(os.getpid()))
draft.rename(sys.argv[1])
signal.pause()
"""
#: Prints a warning when it is asked to stop.
COMPLAINING = """
import pathlib, signal, sys
signal.signal(15, lambda *_: (print(sys.argv[2], flush=True), sys.exit(0)))
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""


def python(code: str, *arguments: str, stop_seconds: float = 20.0) -> Command:
    return Command(name="helper", arguments=(sys.executable, "-c", code, *arguments), stop_seconds=stop_seconds)


async def at_once() -> None:
    """Be ready."""


@pytest.fixture
def shown() -> list[str]:
    """Return what the supervisor has shown so far."""
    return []


@pytest.fixture
async def supervisor(tmp_path: Path, shown: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path, shown.append)
    yield supervisor
    await supervisor.stop()


async def test_warnings_are_shown_and_everything_is_logged(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    await supervisor.finish(python(f"print('fine'); print('{WARNING}')"))
    assert shown == ["helper: warning: the queue is full"]
    assert (tmp_path / "helper.log").read_text() == f"fine\n{WARNING}\n"


async def test_warnings_of_a_process_that_is_being_stopped_are_only_logged(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    await supervisor.start(python(COMPLAINING, str(ready), WARNING), partial(until_written, ready))
    await supervisor.stop()
    assert shown == []
    assert (tmp_path / "helper.log").read_text() == f"{WARNING}\n"


async def test_warnings_of_one_that_misses_another_are_only_logged_at_a_stop(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    ready, other_ready, stopping, warned = (str(tmp_path / name) for name in ("ready", "other", "stopping", "warned"))
    await supervisor.start(python(MISSING, ready, stopping, WARNING, warned), partial(until_written, Path(ready)))
    await supervisor.start(python(ANNOUNCING, other_ready, stopping, warned), partial(until_written, Path(other_ready)))
    await supervisor.stop()
    assert shown == []


async def test_a_process_that_does_not_stop_is_killed_and_that_is_shown(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    await supervisor.start(python(STUBBORN, str(ready), stop_seconds=0.1), partial(until_written, ready))
    await supervisor.stop()
    assert shown == ["helper did not stop within 0.1 s and was killed"]


async def test_a_process_that_is_not_ready_in_time_is_named_with_its_log(tmp_path: Path, shown: list[str]) -> None:
    supervisor = Supervisor(tmp_path, shown.append, ready_seconds=0.1)
    never = asyncio.Event()
    with pytest.raises(StartFailed, match=rf"helper was not ready within 0\.1 s; its log is {tmp_path}/helper\.log"):
        await supervisor.start(python(WAITING), never.wait)
    await supervisor.stop()


async def test_what_ready_returns_is_returned(supervisor: Supervisor) -> None:
    async def address() -> str:
        return "127.0.0.1:1"

    assert await supervisor.start(python(WAITING), address) == "127.0.0.1:1"


async def test_a_command_that_fails_is_shown_with_its_status_and_its_last_lines(supervisor: Supervisor) -> None:
    code = f"[print(number) for number in range({KEPT_LINES + 1})]; raise SystemExit(3)"
    with pytest.raises(StartFailed, match="helper ended with status 3") as failed:
        await supervisor.finish(python(code))
    assert str(failed.value).splitlines()[1:] == [f"  {number}" for number in range(1, KEPT_LINES + 1)]


async def test_a_process_that_ends_before_it_is_ready_is_named(supervisor: Supervisor) -> None:
    never = asyncio.Event()
    with pytest.raises(StartFailed, match="helper ended with status 0") as failed:
        await supervisor.start(python(""), never.wait)
    assert "(it wrote nothing)" in str(failed.value)


async def test_if_another_process_dies_meanwhile_that_one_is_named(supervisor: Supervisor) -> None:
    await supervisor.start(python("raise SystemExit(5)"), at_once)
    with pytest.raises(StartFailed, match="helper ended with status 5"):
        await supervisor.finish(Command(name="other", arguments=(sys.executable, "-c", WAITING)))


async def test_a_process_that_dies_later_is_named(supervisor: Supervisor) -> None:
    await supervisor.start(python("import time; raise SystemExit(5)"), at_once)
    with pytest.raises(StartFailed, match="helper ended with status 5"):
        await supervisor.watch()


async def test_a_line_that_is_too_long_is_replaced(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.finish(python(f"print('x' * {MAX_LINE_BYTES + 1}); print('the next')"))
    log = (tmp_path / "helper.log").read_text()
    assert "(a line that was too long)\n" in log
    assert log.endswith("the next\n")


async def test_a_replica_that_ends_is_started_again_and_that_is_shown(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    first = await supervisor.start(replica(ready), partial(until_written, ready))
    ready.unlink()
    watching = asyncio.create_task(supervisor.watch())
    os.kill(int(first), signal.SIGKILL)
    assert await until_written(ready) != first
    log = tmp_path / "helper.log"
    assert shown == [f"helper was ended by signal 9. It is started again; its log is {log}"]
    assert log.read_text() == "started\n" * 2
    assert not watching.done()
    watching.cancel()


async def test_a_replica_that_does_not_start_at_first_is_named(supervisor: Supervisor) -> None:
    never = asyncio.Event()
    with pytest.raises(StartFailed, match="helper ended with status 0"):
        await supervisor.start(replace(python(""), replica_of="helpers"), never.wait)


async def test_a_replica_that_keeps_ending_is_started_again_until_the_stop(
    supervisor: Supervisor, shown: list[str]
) -> None:
    await supervisor.start(replace(python(WAITING_BRIEFLY), replica_of="helpers"), at_once)
    await eventually(lambda: len(shown) >= 2)
    await supervisor.stop()


def replica(ready: Path) -> Command:
    """Return a command that writes its process id when it is ready."""
    return replace(python(WRITING_ITS_ID, str(ready)), replica_of="helpers")
