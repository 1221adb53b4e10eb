"""What is recorded of a browser that is silent for longer than the presence timeout, or only seems to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from testkit.browser import executable, signing_in
from testkit.whiteboard_sessions import STUDENT
from tests.e2e.browser.conftest import Platform
from tests.e2e.browser.facts import Facts, now
from tests.e2e.browser.network import Network
from tests.e2e.browser.tabs import running_tabs
from tests.e2e.browser.whiteboard import Whiteboard

#: As short as possible, but longer than a busy machine delays pings.
TIMEOUT_SECONDS = 4
LONGER_THAN_THE_TIMEOUT = timedelta(seconds=TIMEOUT_SECONDS + 1)


@pytest.fixture(scope="module", autouse=True)
def short_timeout(platform: Platform) -> Iterator[None]:
    """Use a presence timeout that tests can wait for."""
    with platform.tracking.with_settings(PRESENCE_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS)):
        platform.wait_until_serving()
        yield


def test_a_tab_that_is_hidden_and_frozen_for_longer_than_the_timeout_stays_present(
    playwright: Playwright, platform: Platform, session_id: int, student: Facts, tmp_path: Path
) -> None:
    with running_tabs(executable(playwright), tmp_path) as tabs:
        tab = tabs.open(f"{platform.url}/whiteboard?session={session_id}", before=signing_in(STUDENT, "student"))
        tab.wait_for("document.getElementById('presence')?.dataset.state === 'here'")
        tabs.open("about:blank")
        tab.wait_for("document.hidden")
        tab.freeze()
        hidden_at = now()
        (interval,) = student.wait_for_sign_after(hidden_at + LONGER_THAN_THE_TIMEOUT)
    assert interval.end_reason is None


def test_a_longer_network_outage_leaves_a_gap_of_its_length(
    student_window: BrowserContext, network: Network, session_id: int, student: Facts
) -> None:
    board = Whiteboard(student_window, network.url, session_id)
    board.is_present("socket")
    network.interrupt()
    student_window.set_offline(offline=True)
    gone_at = now()
    board.says("Your connection is interrupted")
    board.says("Who is there is not known at the moment")
    student.wait_for(lambda intervals: intervals[-1].end_reason)
    board.save_screenshot("network-away")
    network.restore()
    student_window.set_offline(offline=False)
    back_at = now()
    before, after = student.wait_for(lambda intervals: len(intervals) > 1)
    assert before.end_reason == "timed_out"
    assert student.is_near(before.ended_at, gone_at)
    assert student.is_near(after.started_at, back_at)
