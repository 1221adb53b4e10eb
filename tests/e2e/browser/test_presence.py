"""Whatever happens to a browser, the recorded presence is what really happened."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Browser, BrowserContext, Playwright

from testkit.browser import window
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns
from tests.e2e.browser.conftest import HEARTBEAT_SECONDS, Platform
from tests.e2e.browser.facts import Facts, now
from tests.e2e.browser.network import Network
from tests.e2e.browser.whiteboard import KillableBrowser, Whiteboard

HEARTBEAT = timedelta(seconds=HEARTBEAT_SECONDS)


def test_two_people_draw_and_see_each_other(
    browser: Browser, board: Whiteboard, platform: Platform, session_id: int
) -> None:
    with window(browser, TUTOR, "tutor") as tutor_window:
        tutor = Whiteboard(tutor_window, platform.url, session_id)
        for one in (tutor, board):
            one.shows("tutor", "here")
            one.shows("student", "here")
            one.draw()
            one.save_screenshot(f"{one.page.locator('#presence').inner_text().split()[-1].strip('.')}-draws")
        board.page.close()
        tutor.shows("student", "left at")
        tutor.save_screenshot("student-has-left")
        (logs,) = columns(platform.database, session_id, "connection_logs")
        assert {(entry["user_id"], entry["activity_type"]) for entry in logs if entry["event"] == "activity"} == {
            (TUTOR, "draw"),
            (STUDENT, "draw"),
        }
        assert tutor.problems == board.problems == []


def test_presence_ends_when_the_tab_is_closed(board: Whiteboard, student: Facts) -> None:
    board.page.close()
    closed_at = now()
    (interval,) = student.wait_for(lambda intervals: intervals[-1].end_reason)
    assert interval.end_reason == "closed"
    assert student.is_near(interval.ended_at, closed_at)


def test_reloading_the_page_leaves_no_gap(board: Whiteboard, student: Facts) -> None:
    board.page.reload()
    board.is_present("socket")
    (interval,) = student.wait_for_sign_after(now())
    assert interval.end_reason is None


def test_a_network_outage_that_is_shorter_than_the_timeout_leaves_no_gap(
    student_window: BrowserContext, network: Network, session_id: int, student: Facts
) -> None:
    board = Whiteboard(student_window, network.url, session_id)
    board.is_present("socket")
    network.interrupt()
    student_window.set_offline(offline=True)
    board.page.wait_for_timeout(3 * HEARTBEAT_SECONDS * 1000)
    network.restore()
    student_window.set_offline(offline=False)
    (interval,) = student.wait_for_sign_after(now() + HEARTBEAT)
    assert interval.end_reason is None


def test_presence_ends_at_the_last_sign_of_life_when_the_browser_is_killed(
    playwright: Playwright, platform: Platform, session_id: int, student: Facts
) -> None:
    killable = KillableBrowser(playwright)
    Whiteboard(window(killable.browser, STUDENT, "student"), platform.url, session_id).is_present("socket")
    student.wait_for_sign_after(now())
    killable.kill()
    killed_at = now()
    (interval,) = student.wait_for(lambda intervals: intervals[-1].end_reason)
    assert student.is_near(interval.ended_at, killed_at)


def test_killing_and_restarting_the_presence_socket_leaves_no_gap(
    board: Whiteboard, platform: Platform, student: Facts
) -> None:
    platform.socket.kill()
    platform.socket.start()
    platform.gateway.wait_until_sockets_are_accepted()
    board.retry_socket()
    board.is_present("socket")
    (interval,) = student.wait_for_sign_after(now())
    assert interval.end_reason is None


def test_killing_and_restarting_the_tracking_service_leaves_no_gap(
    board: Whiteboard, platform: Platform, student: Facts
) -> None:
    platform.tracking.kill()
    platform.tracking.start()
    (interval,) = student.wait_for_sign_after(now())
    assert interval.end_reason is None
    board.shows("student", "here")
