from __future__ import annotations

import pytest
from typer.testing import CliRunner

from attendancectl.app import app
from testkit.source_tree import ROOT

COMMANDS = sorted(
    file.stem for file in (ROOT / "attendancectl" / "commands").glob("*.py") if not file.stem.startswith("_")
)


def test_the_help_lists_every_command() -> None:
    printed = CliRunner().invoke(app, ["--help"]).stdout
    assert [command for command in COMMANDS if f"\n  {command} " not in printed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_itself_with_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"attendancectl {command}" in done.stdout.partition("Example: ")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_documented(command: str) -> None:
    assert f"| `{command}` |" in (ROOT / "docs" / "attendancectl.md").read_text()


def test_an_unknown_command_is_refused() -> None:
    done = CliRunner().invoke(app, ["destroy"])
    assert (done.exit_code, "No such command 'destroy'" in done.stderr) == (2, True)
