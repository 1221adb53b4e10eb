from __future__ import annotations

import os
from pathlib import Path

import pytest

from development.up.lockfile import FILE_NAME, AlreadyRunning, holder, locked


def test_only_one_process_locks_a_state_directory(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), locked(tmp_path):
        pass


def test_a_state_directory_can_be_locked_again_once_it_is_unlocked(tmp_path: Path) -> None:
    with locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_the_process_id_of_the_holder_is_known(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_a_new_state_directory_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path) is None


def test_a_process_id_that_a_killed_process_left_is_ignored(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("1")
    assert holder(tmp_path) is None
