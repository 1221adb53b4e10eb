"""How often people kept what was suggested to them."""

from __future__ import annotations

from playwright.sync_api import expect

from development.demo.people import person
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_reports import LONG_AGO, cells

ADMIN = person(901)
AGREEMENT = "#/reports/agreement"


def test_agreement_is_shown_in_total_and_by_confidence_reason_and_month(open_window: OpenWindow, site: Site) -> None:
    report = site.call(ADMIN, "GET", "/api/reports/suggestion-accuracy")
    page = open_window(ADMIN, f"{AGREEMENT}?days=all")
    kept = f"In {report['agreed']} of {report['decided']} decisions people kept the suggested status."
    expect(page.locator(".tile")).to_contain_text(kept)
    expect(page.locator(".tile")).to_contain_text(f"{report['agreement_percentage']:g} %")
    expect(page.locator(".tile")).to_contain_text("The goal of 90 %")
    for by in ("By how sure the suggestion was", "By the first reason given", "By month"):
        table = page.get_by_role("table", name=by)
        decided = [int(cells(row)[-1]) for row in table.locator("tbody tr").all()]
        assert sum(decided) == report["decided"]
    expect(page.get_by_role("rowheader", name="On time")).to_be_visible()


def test_months_are_a_chart_with_the_goal_and_each_says_its_numbers(open_window: OpenWindow) -> None:
    page = open_window(ADMIN)
    rows = [
        {"month": month, "confidence": "high", "reason": "on_time", "decided": 10, "agreed": agreed}
        for month, agreed in (("2026-03", 9), ("2026-02", 7))
    ]
    answer = {"agreements": rows, "decided": 20, "agreed": 16, "agreement_percentage": 80}
    page.route("**/api/reports/suggestion-accuracy*", lambda route: route.fulfill(json=answer))
    page.evaluate("fragment => { location.hash = fragment; }", AGREEMENT)
    chart = page.get_by_role("group", name="Suggestions kept, by month")
    columns = chart.get_by_role("button")
    expect(columns).to_have_count(2)
    # One stop of the keyboard: the newest. Arrow keys lead to the others.
    columns.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(columns.first).to_be_focused()
    expect(columns.first).to_have_accessible_name("February 2026: 70 %, 7 of 10 decisions.")
    expect(page.locator(".chart .sentence")).to_have_text("February 2026: 70 %, 7 of 10 decisions.")
    expect(page.locator(".tile")).to_contain_text("The goal of 90 % is not reached.")


def test_days_without_decisions_say_so(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, f"{AGREEMENT}{LONG_AGO}")
    expect(page.get_by_text("Nobody has decided after a suggestion was shown")).to_be_visible()
