"""Finds the commands, and loads only the one that was asked for."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any, Final

import typer
from typer.core import TyperGroup

from attendancectl import commands

PROGRAM: Final = "attendancectl"
#: Columns of the help, if the terminal is as wide.
MAX_WIDTH: Final = 120
#: In front of a paragraph whose lines are not to be filled.
_AS_IT_IS: Final = "\b\n"


class CommandsByFile(TyperGroup):
    """The files of `attendancectl.commands`. To load all of them takes a second, to load one a fraction of it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the type is not public
        """Return the names of all commands."""
        return sorted(found.name for found in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - the types are not public
        """Return a command, or None if there is none of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name}")
        one = _without_decoration()
        one.command(cmd_name, epilog=f"{_AS_IT_IS}Example: {module.EXAMPLE}")(module.run)
        return typer.main.get_command(one)


def _without_decoration(**options: Any) -> typer.Typer:  # noqa: ANN401 - typer's own
    # Typer's tracebacks would show local variables, and so passwords. Its frames would break up what messages say.
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"max_content_width": MAX_WIDTH},
        **options,
    )


app = _without_decoration(name=PROGRAM, cls=CommandsByFile, no_args_is_help=True)


@app.callback(epilog="`attendancectl COMMAND --help` explains a command and shows an example.")
def attendancectl() -> None:
    """Operate the attendance service: look what is wrong with it, and do what an operator has to do.

    Settings and secrets come from the environment, as those of the services do (.env.example explains each).
    """


def main() -> None:
    """Run the command of the command line."""
    app(prog_name=PROGRAM)
