"""Policies as a form: tried on past lessons, and only then put into force."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import person
from testkit.browser import PICTURES
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.messages import alert, status
from tests.e2e.pages.site import Site
from tests.e2e.pages.test_reports import follow

TUTOR, ADMIN = person(101), person(901)
POLICIES, NEW = "#/policies", "#/policies/new"
PATH = "/api/admin/attendance-policies"
#: courses.id of a course that no lesson is about, so that no other test meets its policy.
COURSE = 20_201


@pytest.fixture(scope="module")
def course(site: Site) -> int:
    """Return a course without lessons."""
    site.execute("INSERT INTO courses (id, course_name) VALUES (%s, 'Chess')", COURSE)
    return COURSE


def attempt(page: Page) -> Locator:
    return page.get_by_role("button", name="Try on past lessons")


def confirm(page: Page) -> Locator:
    return page.get_by_role("button", name="Put into force")


def test_the_policy_in_force_is_shown_with_units_and_all_policies_below(open_window: OpenWindow, site: Site) -> None:
    policies = site.call(ADMIN, "GET", PATH)["policies"]
    page = open_window(ADMIN, POLICIES)
    expect(page.get_by_role("heading", name="Built-in limits")).to_be_visible()
    late = page.get_by_role("term").filter(has_text=re.compile("^Late from$"))
    expect(late.locator("xpath=following-sibling::dd[1]")).to_have_text("5 min")
    expect(page.locator("tbody tr")).to_have_count(len(policies))
    page.screenshot(path=PICTURES / "policies.png", full_page=True)


def test_what_would_be_judged_differently_is_listed_before_anything_is_in_force(
    open_window: OpenWindow, site: Site
) -> None:
    expected = site.call(ADMIN, "POST", f"{PATH}:evaluate", limits={"late_from_seconds": 720}, page_size=200)
    page = open_window(ADMIN, NEW)
    expect(confirm(page)).to_be_disabled()
    page.get_by_label("Late from").fill("12")
    expect(page.get_by_text("In force now: 5 min")).to_be_visible()
    attempt(page).click()
    expect(page.get_by_role("status").filter(has_text="It can be put into force now")).to_be_visible()
    changed, suggestions = expected["changed"], expected["suggestions"]
    expect(page.locator(".tile").first).to_contain_text(f"{changed} of {suggestions}")
    expect(page.locator("tbody tr")).to_have_count(changed)
    expect(page.locator("tbody tr").first.get_by_role("link")).to_have_attribute("href", re.compile(r"#/lessons/\d+"))
    expect(confirm(page)).to_be_enabled()
    page.screenshot(path=PICTURES / "policies-what-if.png", full_page=True)
    # What was tried is not what the form says any more.
    page.get_by_label("Late from").fill("13")
    expect(confirm(page)).to_be_disabled()
    expect(page.locator("tbody tr")).to_have_count(0)


def test_a_policy_that_was_tried_is_put_into_force_once(open_window: OpenWindow, site: Site, course: int) -> None:
    page = open_window(ADMIN, NEW)
    page.get_by_label("No-show after").fill("10.5")
    page.get_by_label("For which course").select_option("Chess")
    attempt(page).click()
    expect(confirm(page)).to_be_enabled()
    page.get_by_label("Why (optional)").fill("Chess is quick.")
    # A note changes nothing that was tried.
    expect(confirm(page)).to_be_enabled()
    confirm(page).evaluate("button => { button.click(); button.click(); }")
    expect(page.get_by_role("heading", name=re.compile(r"Policy \d+"))).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("In force · Chess · Chess is quick.")
    [made] = site.call(ADMIN, "GET", f"{PATH}?course_id={course}")["policies"]
    assert (made["limits"]["no_show_after_seconds"], made["limits"]["late_from_seconds"]) == (630, 300)


def test_a_policy_that_was_just_put_into_force_is_taken_back(open_window: OpenWindow, site: Site) -> None:
    page = open_window(ADMIN, NEW)
    page.get_by_label("Many interruptions from").fill("5")
    attempt(page).click()
    confirm(page).click()
    notice = status(page.locator("#notices"))
    expect(notice).to_contain_text("is in force.")
    made = site.call(ADMIN, "GET", PATH)["policies"][0]
    assert made["limits"]["many_reconnects_from"] == 5
    notice.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("main")).to_contain_text(f"Undo of policy {made['version']}")
    assert site.call(ADMIN, "GET", f"{PATH}/0")["in_force"]


def test_the_trial_says_which_decisions_it_judged(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, NEW)
    calls: list[Any] = []
    page.on("request", lambda request: calls.append(request.post_data_json) if "evaluate" in request.url else None)
    attempt(page).click()
    expect(page.get_by_text(re.compile(r"^\d+ decisions since .* were judged again"))).to_be_visible()
    page.get_by_label("Judge again lessons that were decided").select_option("at any time")
    expect(confirm(page)).to_be_disabled()
    attempt(page).click()
    expect(page.get_by_text(re.compile(r"^\d+ decisions of all days were judged again"))).to_be_visible()
    assert [bool(body.get("date_from")) for body in calls] == [True, False]


def test_limits_that_contradict_each_other_are_reported_beside_their_fields(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, NEW)
    field = page.get_by_label("Late from")
    field.fill("20")
    attempt(page).click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("less than very_late_after_seconds"))
    expect(page.get_by_role("status").filter(has_text="do not go together")).to_be_visible()
    expect(confirm(page)).to_be_disabled()
    expect(field).to_have_value("20")


def test_a_field_without_a_number_is_reported_and_nothing_is_sent(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, NEW)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if "evaluate" in request.url else None)
    page.get_by_label("Absent below", exact=True).fill("")
    attempt(page).click()
    expect(page.get_by_label("Absent below", exact=True)).to_have_accessible_description(re.compile("Give a number"))
    assert calls == []


def test_a_trial_that_failed_keeps_what_was_typed_and_can_be_repeated(open_window: OpenWindow) -> None:
    page = open_window(ADMIN, NEW)
    page.get_by_label("Late from").fill("6")
    page.context.set_offline(True)
    attempt(page).click()
    expect(alert(page)).to_contain_text("The server can't be reached.")
    expect(page.get_by_label("Late from")).to_have_value("6")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(confirm(page)).to_be_enabled()


def test_tutors_have_no_policies(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Policies")).to_have_count(0)
    follow(page, POLICIES)
    expect(page.get_by_role("heading", name="Policies")).to_have_count(0)
