from __future__ import annotations

import os
from pathlib import Path

import pytest

from development.up.lockfile import FILE_NAME, AlreadyRunning, holder, locked


def test_only_one_holds_a_state_directory(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), locked(tmp_path):
        pass


def test_the_next_may_hold_it_afterwards(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_others_learn_who_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_nobody_holds_it_at_first(tmp_path: Path) -> None:
    assert holder(tmp_path) is None


def test_a_number_that_a_killed_process_left_means_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("1")
    assert holder(tmp_path) is None
