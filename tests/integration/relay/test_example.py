"""The example of the documentation works."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from testkit.relays import relay_token, strokes
from testkit.source_tree import ROOT
from testkit.tracking_app import Service
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns


async def test_the_example_relays_a_session(service: Service, database: str, session_id: int) -> None:
    status, printed = await run_example(
        *("--target", service.address, "--token", relay_token(), "--session", str(session_id)),
        *("--tutor", str(TUTOR), "--student", str(STUDENT), "--seconds", "1"),
    )
    assert status == 0, printed
    assert "Statistics(sent=8, acknowledged=8, rejected=0, unacknowledged=0, reconnects=0)" in printed
    assert strokes(database) == 1
    assert None not in columns(database, session_id, "tutor_disconnected_at", "student_disconnected_at")


async def test_the_example_reads_its_token_from_a_file(
    service: Service, database: str, session_id: int, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(f"{relay_token()}\n")
    status, printed = await run_example(
        *("--target", service.address, "--token-file", str(token_file), "--session", str(session_id)),
        *("--tutor", str(TUTOR), "--student", str(STUDENT), "--seconds", "0"),
    )
    assert status == 0, printed
    assert None not in columns(database, session_id, "tutor_disconnected_at", "student_disconnected_at")


async def test_the_example_prints_why_the_relay_failed(service: Service) -> None:
    status, printed = await run_example("--target", service.address, "--token", "nonsense")
    assert status == 1
    assert "UNAUTHENTICATED TOKEN_INVALID" in printed


async def test_the_example_prints_its_usage() -> None:
    status, printed = await run_example("--help")
    assert (status, "--token-file" in printed) == (0, True)


async def run_example(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "examples.relay_example", *arguments, cwd=ROOT, stdout=PIPE, stderr=STDOUT
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()
