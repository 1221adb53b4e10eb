"""Connection = attendance, in real browsers: whatever happens to them, the facts are what really happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from testkit.whiteboard_sessions import STUDENT, TUTOR, columns
from tests.e2e.browser.conftest import HEARTBEAT_SECONDS, TIMEOUT_SECONDS, Platform
from tests.e2e.browser.facts import Facts, now
from tests.e2e.browser.network import Network, network_to
from tests.e2e.browser.tabs import running_tabs
from tests.e2e.browser.windows import DoomedBrowser, Whiteboard, executable, signing_in, window

BEAT = timedelta(seconds=HEARTBEAT_SECONDS)
LONGER_THAN_THE_TIMEOUT = timedelta(seconds=TIMEOUT_SECONDS + 1)


@pytest.fixture
def at_school(browser: Browser) -> Iterator[BrowserContext]:
    """Open the student's window."""
    with window(browser, STUDENT, "student") as context:
        yield context


@pytest.fixture
def board(at_school: BrowserContext, platform: Platform, session_id: int) -> Whiteboard:
    """Open the student's whiteboard, and return it when the student is present."""
    board = Whiteboard(at_school, platform.url, session_id)
    board.is_present("socket")
    return board


@pytest.fixture
def network(platform: Platform) -> Iterator[Network]:
    with network_to(platform.gateway.port) as network:
        yield network


def test_two_people_draw_and_see_each_other(
    browser: Browser, board: Whiteboard, platform: Platform, session_id: int
) -> None:
    with window(browser, TUTOR, "tutor") as at_home:
        tutor = Whiteboard(at_home, platform.url, session_id)
        for one in (tutor, board):
            one.shows("tutor", "here")
            one.shows("student", "here")
            one.draw()
            one.keep_picture(f"{one.page.locator('#presence').inner_text().split()[-1].strip('.')}-draws")
        board.page.close()
        tutor.shows("student", "gone since")
        tutor.keep_picture("student-has-left")
        (logs,) = columns(platform.database, session_id, "connection_logs")
        assert {(entry["user_id"], entry["activity_type"]) for entry in logs if entry["event"] == "activity"} == {
            (TUTOR, "draw"),
            (STUDENT, "draw"),
        }
        assert tutor.problems == board.problems == []


def test_a_tab_that_is_closed_ends_presence_at_that_moment(board: Whiteboard, student: Facts) -> None:
    board.page.close()
    closed_at = now()
    (interval,) = student.become(lambda found: found[-1].end_reason)
    assert interval.end_reason == "closed"
    assert student.is_near(interval.ended_at, closed_at)


def test_a_page_that_is_reloaded_leaves_no_trace(board: Whiteboard, student: Facts) -> None:
    board.page.reload()
    board.is_present("socket")
    (interval,) = student.are_heard_after(now())
    assert interval.end_reason is None


def test_a_tab_that_is_hidden_and_frozen_for_longer_than_the_timeout_is_present_all_the_time(
    playwright: Playwright, platform: Platform, session_id: int, student: Facts, tmp_path: Path
) -> None:
    with running_tabs(executable(playwright), tmp_path) as tabs:
        tab = tabs.open(f"{platform.url}/whiteboard?session={session_id}", before=signing_in(STUDENT, "student"))
        tab.becomes("document.getElementById('presence')?.dataset.state === 'here'")
        tabs.open("about:blank")
        tab.becomes("document.hidden")
        tab.freeze()
        hidden_at = now()
        (interval,) = student.are_heard_after(hidden_at + LONGER_THAN_THE_TIMEOUT)
    assert interval.end_reason is None


def test_a_network_that_is_away_for_less_than_the_timeout_leaves_no_trace(
    at_school: BrowserContext, network: Network, session_id: int, student: Facts
) -> None:
    board = Whiteboard(at_school, network.url, session_id)
    board.is_present("socket")
    network.go_away()
    at_school.set_offline(offline=True)
    board.page.wait_for_timeout(HEARTBEAT_SECONDS * 1000)
    network.come_back()
    at_school.set_offline(offline=False)
    (interval,) = student.are_heard_after(now() + BEAT)
    assert interval.end_reason is None


def test_a_network_that_is_away_for_longer_leaves_the_gap_that_there_was(
    at_school: BrowserContext, network: Network, session_id: int, student: Facts
) -> None:
    board = Whiteboard(at_school, network.url, session_id)
    board.is_present("socket")
    network.go_away()
    at_school.set_offline(offline=True)
    gone_at = now()
    board.says("Your connection is interrupted")
    board.says("Who is here is not known at the moment")
    student.become(lambda found: found[-1].end_reason)
    board.keep_picture("network-away")
    network.come_back()
    at_school.set_offline(offline=False)
    back_at = now()
    before, after = student.become(lambda found: len(found) > 1)
    assert before.end_reason == "timed_out"
    assert student.is_near(before.ended_at, gone_at)
    assert student.is_near(after.started_at, back_at)


def test_a_browser_that_is_killed_was_there_until_its_last_sign_of_life(
    playwright: Playwright, platform: Platform, session_id: int, student: Facts
) -> None:
    doomed = DoomedBrowser(playwright)
    Whiteboard(window(doomed.browser, STUDENT, "student"), platform.url, session_id).is_present("socket")
    student.are_heard_after(now())
    doomed.kill()
    killed_at = now()
    (interval,) = student.become(lambda found: found[-1].end_reason)
    assert student.is_near(interval.ended_at, killed_at)


def test_a_socket_server_that_is_killed_and_started_again_leaves_no_trace(
    board: Whiteboard, platform: Platform, student: Facts
) -> None:
    platform.socket.kill()
    platform.socket.start()
    board.is_present("socket")
    (interval,) = student.are_heard_after(now())
    assert interval.end_reason is None


def test_a_tracking_service_that_is_killed_and_started_again_leaves_no_trace(
    board: Whiteboard, platform: Platform, student: Facts
) -> None:
    platform.tracking.kill()
    platform.tracking.start()
    (interval,) = student.are_heard_after(now())
    assert interval.end_reason is None
    board.shows("student", "here")
