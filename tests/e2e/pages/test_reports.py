"""The reports: what the API answers for the chosen days, in tables and charts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from development.demo.people import person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site

TUTOR, STUDENT, ADMIN = person(101), person(201), person(901)
RATES, ENGAGEMENT, ACCURACY = "#/reports/tutors", "#/reports/engagement", "#/reports/suggestions"
#: Days before the product was: nothing happened in them.
LONG_AGO = "?from=2020-01-01&to=2020-01-31"


def cells(row: Locator) -> list[str]:
    """Return the text of each cell of a row of a table."""
    return row.locator("th, td").all_inner_texts()


def percent(value: float) -> str:
    """Return it as pages write it."""
    return f"{value:g} %"


def follow(page: Page, fragment: str) -> None:
    """Go to another address of the application, as a link would."""
    page.evaluate("fragment => { location.hash = fragment; }", fragment)


# --- Attendance rates ---


def test_an_admin_sees_the_attendance_of_every_tutor_with_what_is_not_marked_apart(
    open_window: OpenWindow, site: Site
) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"]
    page = open_window(ADMIN, RATES)
    expect(page.locator("tbody tr")).to_have_count(len(tutors))
    for row, tutor in zip(page.locator("tbody tr").all(), tutors, strict=True):
        name, rate, _, present, late, absent, unmarked, excused, sessions = cells(row)
        assert name == tutor["tutor_name"]
        assert rate == (percent(tutor["attendance_rate"]) if "attendance_rate" in tutor else "no marked lessons")
        assert [int(count) for count in (present, late, absent, unmarked, excused, sessions)] == [
            tutor[field] for field in ("present", "late", "absent", "unmarked", "excused", "total_sessions")
        ]


def test_the_total_counts_sessions_and_averages_no_averages(open_window: OpenWindow, site: Site) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"]
    marked = sum(tutor["total_sessions"] - tutor["unmarked"] for tutor in tutors)
    present = sum(tutor["present"] for tutor in tutors)
    page = open_window(ADMIN, RATES)
    total = page.get_by_role("row", name="Total")
    expect(total.locator("td").first).to_have_text(percent(round(100 * present / marked, 2)))
    expect(page.get_by_text(f"present in {present} of {marked} marked lessons")).to_be_visible()


def test_tutors_see_themselves_alone_and_no_report_on_the_rules(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, RATES)
    expect(page.get_by_role("heading", name="Your attendance rate")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_text([TUTOR.username])
    reports = page.get_by_role("navigation", name="Reports").get_by_role("link")
    expect(reports).to_have_text(["Attendance rate", "Students", "Engagement", "Outcomes"])


def test_more_tutors_come_below_those_already_shown_and_get_the_focus(open_window: OpenWindow) -> None:
    def one_at_a_time(route: Route) -> None:
        route.continue_(url=f"{route.request.url}{'&' if '?' in route.request.url else '?'}page_size=1")

    page = open_window(ADMIN)
    page.route("**/api/reports/tutor-attendance*", one_at_a_time)
    follow(page, RATES)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody th").nth(1)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="The first 2 tutors")).to_be_visible()


# --- The days ---


def test_days_are_chosen_in_the_session_time_zone_wherever_one_is(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, timezone_id="America/New_York")
    # In Addis Ababa April has begun.
    page.clock.set_fixed_time(datetime(2026, 3, 31, 21, 30, tzinfo=UTC))
    follow(page, RATES)
    shortcuts = page.get_by_role("list", name="Often chosen days").get_by_role("link")
    expect(shortcuts).to_have_count(4)
    assert [link.get_attribute("href") for link in shortcuts.all()] == [
        RATES,
        f"{RATES}?from=2026-04-01&to=2026-04-01",
        f"{RATES}?from=2026-03-01&to=2026-03-31",
        f"{RATES}?from=2026-03-03&to=2026-04-01",
    ]


def test_chosen_days_are_in_the_address_and_go_along_to_other_reports(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, RATES)
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("There are no completed lessons: Wed, Jan 1, 2020 to Fri, Jan 31, 2020.")).to_be_visible()
    assert page.url.endswith(f"{RATES}{LONG_AGO}")
    page.get_by_role("link", name="Engagement").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}{ENGAGEMENT}{LONG_AGO}")
    expect(page.get_by_label("From")).to_have_value("2020-01-01")


def test_days_in_the_wrong_order_are_reported_beside_the_field_and_not_sent(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, RATES)
    expect(page.get_by_role("table")).to_be_visible()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.get_by_label("From").fill("2026-03-02")
    page.get_by_label("To", exact=True).fill("2026-03-01")
    page.get_by_role("button", name="Show", exact=True).click()
    field = page.get_by_label("To", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        "Sun, Mar 1, 2026 is before Mon, Mar 2, 2026: give the same day or a later one."
    )
    assert calls == []


def test_a_day_in_the_address_that_does_not_exist_is_reported_beside_the_field(open_window: OpenWindow) -> None:
    page = open_window(ADMIN)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if "/api/reports/" in request.url else None)
    follow(page, f"{RATES}?from=2026-02-30")
    expect(page.get_by_text("This is not a whole date")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_disabled()
    assert calls == []


# --- Engagement and suggestion accuracy ---


def test_engagement_is_shown_as_the_api_answers(open_window: OpenWindow, site: Site) -> None:
    tutors = site.call(ADMIN, "GET", "/api/reports/whiteboard-engagement")["tutors"]
    page = open_window(ADMIN, ENGAGEMENT)
    expect(page.locator("tbody tr")).to_have_count(len(tutors))
    for row, tutor in zip(page.locator("tbody tr").all(), tutors, strict=True):
        assert cells(row) == [
            tutor["tutor_name"],
            percent(tutor["avg_student_engagement_pct"]),
            "",
            f"{tutor['avg_student_active_minutes']:g}",
            f"{tutor['avg_tutor_active_minutes']:g}",
            str(tutor["whiteboard_sessions"]),
        ]


def test_agreement_is_shown_in_total_and_by_confidence_reason_and_month(open_window: OpenWindow, site: Site) -> None:
    report = site.call(ADMIN, "GET", "/api/reports/suggestion-accuracy")
    page = open_window(ADMIN, ACCURACY)
    overall = f"{percent(report['agreement_percentage'])} {report['agreed']} of {report['decided']} decisions"
    expect(page.get_by_text(f"{overall} took the suggested status.")).to_be_visible()
    expect(page.get_by_text("The goal of 90 %")).to_be_visible()
    for by in ("confidence", "first reason", "month"):
        table = page.get_by_role("table", name=f"Agreement by {by}")
        decided = [int(cells(row)[-1]) for row in table.locator("tbody tr").all()]
        assert sum(decided) == report["decided"]
    expect(page.get_by_role("rowheader", name="On time")).to_be_visible()
    expect(page.get_by_role("img", name="Agreement by month")).to_be_visible()


def test_agreement_of_days_without_decisions_says_so(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, f"{ACCURACY}{LONG_AGO}")
    expect(page.get_by_text("Nobody has decided after a suggestion was shown")).to_be_visible()


# --- Files, failures, pictures ---


def test_the_csv_of_the_chosen_days_has_them_in_its_name(open_window: OpenWindow, site: Site, tmp_path: Path) -> None:
    page = open_window(ADMIN, f"{RATES}?from=2020-01-01")
    expect(page.get_by_role("table")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    assert downloading.value.suggested_filename == "tutor-attendance-from-2020-01-01.csv"
    downloading.value.save_as(tmp_path / "report.csv")
    header, *rows = (tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("tutor_name,total_sessions,")
    assert len(rows) == len(site.call(ADMIN, "GET", "/api/reports/tutor-attendance")["tutors"])
    expect(page.get_by_role("status").filter(has_text="was downloaded")).to_be_visible()


def test_what_could_not_be_loaded_offline_is_loaded_by_trying_again(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, RATES)
    expect(page.get_by_role("table")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="This month").click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    # What stood there was of other days.
    expect(page.get_by_role("table")).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table")).to_be_visible()
    expect(alert(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "fragment"),
    [("rates", RATES), ("engagement", ENGAGEMENT), ("accuracy", ACCURACY), ("student", "#/reports/students/28")],
)
def test_a_report_fits_its_screen(open_window: OpenWindow, name: str, fragment: str) -> None:
    page = open_window(ADMIN, fragment)
    expect(page.get_by_role("table").first).to_be_visible()
    for size, width, height in (("phone", 390, 844), ("desktop", 1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=PICTURES / f"report-{name}-{size}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.locator("main").evaluate("main => main.getBoundingClientRect().right") <= 320
