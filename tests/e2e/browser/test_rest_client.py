"""The whiteboard client without WebSockets: presence by REST calls."""

from __future__ import annotations

from playwright.sync_api import Browser

from testkit.browser import window
from testkit.envoy import Gateway
from testkit.whiteboard_sessions import STUDENT, TUTOR, columns, intervals
from tests.e2e.browser.conftest import Platform
from tests.e2e.browser.whiteboard import Whiteboard


def test_two_people_draw_and_leave(
    browser: Browser, platform: Platform, gateway_without_sockets: Gateway, session_id: int
) -> None:
    with window(browser, TUTOR, "tutor") as at_home, window(browser, STUDENT, "student") as at_school:
        tutor = Whiteboard(at_home, gateway_without_sockets.url, session_id)
        student = Whiteboard(at_school, gateway_without_sockets.url, session_id)
        for board in (tutor, student):
            board.is_present("rest")
            board.shows("tutor", "here")
            board.shows("student", "here")
        student.draw()
        tutor.save_screenshot("rest-tutor")
        student.save_screenshot("rest-student")
        student.page.close()
        tutor.shows("student", "left at")
        tutor.save_screenshot("rest-student-gone")
        (logs,) = columns(platform.database, session_id, "connection_logs")
        events = [(entry["event"], entry.get("activity_type")) for entry in logs if entry["user_id"] == STUDENT]
        assert events == [("connect", None), ("activity", "draw"), ("disconnect", None)]
        assert [reason for user, _, reason in intervals(platform.database, session_id) if user == STUDENT] == ["closed"]
        assert tutor.problems == student.problems == []


def test_a_user_who_does_not_take_part_is_notified(
    browser: Browser, platform: Platform, gateway_without_sockets: Gateway, session_id: int
) -> None:
    with window(browser, 999, "student") as elsewhere:
        board = Whiteboard(elsewhere, gateway_without_sockets.url, session_id)
        board.page.get_by_text("You are not counted as present: user 999 is not a student").wait_for()
        assert intervals(platform.database, session_id) == []
