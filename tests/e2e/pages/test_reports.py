"""What all reports have in common: the days, the file, failures, and room for them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert
from tests.e2e.pages.site import Site

TUTOR, ADMIN = person(101), person(901)
TUTORS, OUTCOMES = "#/reports/tutors", "#/reports/outcomes"
#: Days before the product was: nothing happened in them.
LONG_AGO = "?from=2020-01-01&to=2020-01-31"


def cells(row: Locator) -> list[str]:
    """Return the text of each cell of a row of a table."""
    return row.locator("th, td").all_inner_texts()


def percent(part: float, whole: float) -> str:
    """Return a share in whole percent as pages write it."""
    return f"{round(100 * part / whole)} %"


def choose_own_days(page: Page) -> None:
    """Open the form for days that are not offered."""
    page.get_by_text("Other days").click()


def follow(page: Page, fragment: str) -> None:
    """Go to another address of the application, as a link would."""
    page.evaluate("fragment => { location.hash = fragment; }", fragment)


# --- What tutors and admins see ---


def test_tutors_see_themselves_alone_and_no_report_on_the_rules(open_window: OpenWindow) -> None:
    # On the first of a month nothing has happened in it yet.
    page = open_window(TUTOR, f"{TUTORS}?days=all")
    expect(page.get_by_role("heading", name="Your attendance", exact=True)).to_be_visible()
    expect(page.locator("tbody").get_by_role("rowheader")).to_have_text([TUTOR.name])
    reports = page.get_by_role("navigation", name="Reports").get_by_role("link")
    expect(reports).to_have_text(["Summary", "Tutors", "Students", "Outcomes", "At risk"])


def test_addresses_that_reports_had_before_lead_to_them(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/reports/engagement")
    expect(page.get_by_role("link", name="At the whiteboard")).to_have_attribute("aria-current", "true")
    follow(page, "#/reports/suggestions")
    expect(page.get_by_role("heading", name="Agreement with suggestions")).to_be_visible()


# --- The days ---


def test_days_are_chosen_in_the_session_time_zone_wherever_one_is(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, timezone_id="America/New_York")
    # In Addis Ababa April has begun.
    page.clock.set_fixed_time(datetime(2026, 3, 31, 21, 30, tzinfo=UTC))
    follow(page, TUTORS)
    shortcuts = page.get_by_role("list", name="Often chosen days").get_by_role("link")
    expect(shortcuts).to_have_count(4)
    assert [link.get_attribute("href") for link in shortcuts.all()] == [
        f"{TUTORS}?from=2026-04-01&to=2026-04-01",
        f"{TUTORS}?from=2026-03-01&to=2026-03-31",
        f"{TUTORS}?from=2026-02-01&to=2026-04-01",
        f"{TUTORS}?days=all",
    ]


def test_chosen_days_are_in_the_address_and_go_along_to_other_reports(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, TUTORS)
    choose_own_days(page)
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("There are no completed lessons: Wed, Jan 1, 2020 to Fri, Jan 31, 2020.")).to_be_visible()
    assert page.url.endswith(f"{TUTORS}{LONG_AGO}")
    page.get_by_role("link", name="Outcomes").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}{OUTCOMES}{LONG_AGO}")
    expect(page.get_by_label("From")).to_have_value("2020-01-01")


def test_days_in_the_wrong_order_are_reported_beside_the_field_and_not_sent(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, f"{TUTORS}?days=all")
    expect(page.get_by_role("table")).to_be_visible()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if "/api/" in request.url else None)
    choose_own_days(page)
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
    follow(page, f"{TUTORS}?from=2026-02-30")
    expect(page.get_by_text("This is not a whole date")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_disabled()
    assert calls == []


# --- Files, failures, pictures ---


def test_the_csv_of_the_chosen_days_has_them_in_its_name(open_window: OpenWindow, site: Site, tmp_path: Path) -> None:
    page = open_window(ADMIN, f"{TUTORS}?from=2020-01-01")
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
    page = open_window(ADMIN, f"{TUTORS}?days=all")
    expect(page.get_by_role("table")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="This term").click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    # What stood there was of other days.
    expect(page.get_by_role("table")).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table")).to_be_visible()
    expect(alert(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("summary", "#/reports?days=all"),
        ("tutors", f"{TUTORS}?days=all"),
        ("outcomes", f"{OUTCOMES}?days=all"),
        ("agreement", "#/reports/agreement?days=all"),
        ("student", "#/reports/students/28?days=all"),
    ],
)
def test_a_report_fits_its_screen(open_window: OpenWindow, name: str, fragment: str) -> None:
    page = open_window(ADMIN, fragment)
    expect(page.locator(".tile").first).to_be_visible()
    for size, width, height in (("phone", 390, 844), ("desktop", 1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=PICTURES / f"report-{name}-{size}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.locator("main").evaluate("main => main.getBoundingClientRect().right") <= 320


def test_a_report_is_printed_without_what_only_a_screen_can_use(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/reports?days=all")
    expect(page.locator(".tile").first).to_be_visible()
    page.emulate_media(media="print")
    for part in (page.get_by_role("navigation"), page.get_by_role("list", name="Often chosen days")):
        expect(part.first).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("heading", name="Summary")).to_be_visible()
    # Columns of charts are buttons, and stay.
    expect(page.locator(".column").first).to_be_visible()
    follow(page, f"{OUTCOMES}?days=all")
    head = page.locator("thead")
    expect(head).to_be_visible()
    assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"


def test_on_a_phone_the_name_of_no_report_is_cut_off(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, "#/reports/outcomes", viewport={"width": 390, "height": 844})
    names = page.get_by_role("navigation", name="Reports").get_by_role("link")
    expect(names.last).to_be_visible()
    edges = names.evaluate_all("links => links.map((link) => link.getBoundingClientRect().right)")
    assert max(edges) <= 390
