from __future__ import annotations

import io

from benchmarks.evaluation.run import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal() -> None:
    terminal = Terminal()
    Progress("classes", 4, terminal).advance(4)
    assert terminal.getvalue().startswith("\r[" + "#" * 40 + "] classes 4 of 4 (100%")


def test_progress_is_a_line_elsewhere() -> None:
    log = io.StringIO()
    progress = Progress("classes", 2, log)
    progress.advance()
    progress.advance()
    assert log.getvalue() == "classes 2 of 2 (100%, 0 s)\n"
