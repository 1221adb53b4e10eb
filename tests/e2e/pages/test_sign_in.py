"""Who is signed in: the platform's token, its end, and the demo's chooser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from development.demo.people import Person, person
from development.demo.tokens import write_people
from testkit.browser import PICTURES
from testkit.envoy import running_gateway
from testkit.tokens import SECRET, token
from tests.e2e.pages.conftest import OpenWindow
from tests.e2e.pages.site import Site, token_of

TUTOR, STUDENT, PARENT, ADMIN = (person(number) for number in (101, 201, 301, 901))
ADDRESSES = {
    "#/lessons": TUTOR,
    "#/reports/tutors": TUTOR,
    "#/reports/students/28": TUTOR,
    "#/reports/tutors/whiteboard": TUTOR,
    "#/reports/agreement": ADMIN,
    "#/record": STUDENT,
    "#/children": PARENT,
}
NOBODY = ""
SIGN_IN = "(bearer) => localStorage.setItem('token', bearer)"


def expired(someone: Person) -> str:
    return token(someone.user_id, someone.role, lifetime=timedelta(minutes=-5))


def account_menu(page: Page) -> Locator:
    """Open the menu of the person signed in, and return it."""
    page.get_by_role("banner").get_by_role("button", name="account").click()
    return page.locator("#account-menu")


def sign_in_elsewhere(page: Page, bearer: str) -> None:
    """Put a token where the platform's pages put it, from another tab."""
    other = page.context.new_page()
    other.goto(page.url.partition("#")[0] + "demo-people.json")
    other.evaluate(SIGN_IN, bearer)
    other.close()


@pytest.fixture(scope="module")
def demo(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a gateway that offers the demo's people, as `make up` does."""
    directory = tmp_path_factory.mktemp("demo")
    write_people(directory / "people.json", SECRET)
    addresses = {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": site.tracking.address,
        "ATTENDANCE_ADDRESS": site.attendance.address,
        # No page of these tests is a whiteboard.
        "SOCKET_ADDRESS": site.tracking.address,
    }
    with running_gateway(directory / "gateway", addresses, demo_people=directory / "people.json") as gateway:
        gateway.wait_until_healthy()
        yield gateway.url


@pytest.fixture(scope="module")
def platform(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a gateway that knows where the platform's people sign in."""
    settings = {
        "JWT_HS256_SECRET": SECRET,
        "TRACKING_ADDRESS": site.tracking.address,
        "ATTENDANCE_ADDRESS": site.attendance.address,
        "SOCKET_ADDRESS": site.tracking.address,
        "SIGN_IN_URL": "https://app.example.org/login?next=attendance",
    }
    with running_gateway(tmp_path_factory.mktemp("platform") / "gateway", settings) as gateway:
        gateway.wait_until_healthy()
        yield gateway.url


def test_who_is_not_signed_in_is_led_to_the_platform_s_sign_in(open_window: OpenWindow, platform: str) -> None:
    page = open_window(TUTOR, bearer=NOBODY, url=platform)
    link = page.get_by_role("main").get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", "https://app.example.org/login?next=attendance")
    expect(link).to_have_attribute("target", "_blank")


def test_whose_sign_in_has_expired_is_led_there_too(open_window: OpenWindow, platform: str) -> None:
    page = open_window(STUDENT, bearer=expired(STUDENT), url=platform)
    expect(page.locator("#notices").get_by_role("link", name="Sign in")).to_be_visible()


def test_signing_out_forgets_the_person(open_window: OpenWindow, platform: str) -> None:
    page = open_window(STUDENT, url=platform)
    account_menu(page).get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main")).to_contain_text("You are not signed in.")
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('token')") is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_expired_sign_in_is_reported_and_the_page_goes_on_with_a_new_one(
    open_window: OpenWindow, address: str
) -> None:
    someone = ADDRESSES[address]
    page = open_window(someone, address, bearer=expired(someone))
    expect(page.get_by_role("alert").filter(has_text="Your sign-in has expired.").first).to_be_visible()
    sign_in_elsewhere(page, token_of(someone))
    for again in reversed(page.get_by_role("button", name="Try again").all()):
        again.click()
    expect(page.get_by_role("alert").filter(has_text="expired")).to_have_count(0)


def test_a_sign_in_in_another_tab_opens_that_persons_page_here(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, bearer=NOBODY)
    expect(page.get_by_role("main")).to_contain_text("You are not signed in.")
    sign_in_elsewhere(page, token_of(STUDENT))
    expect(page.get_by_role("heading", level=1)).to_have_text("My lessons")


def test_signing_out_elsewhere_leaves_nothing_to_be_seen_here(open_window: OpenWindow) -> None:
    page = open_window(STUDENT)
    expect(page.get_by_role("heading", name="My lessons")).to_be_visible()
    sign_in_elsewhere(page, NOBODY)
    expect(page.get_by_role("main")).to_have_text(re.compile(r"^You are not signed in\."))
    expect(page.get_by_role("heading")).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(0)


def test_a_role_without_pages_reads_so(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, bearer=token(101, "service"))
    expect(page.get_by_role("main")).to_contain_text("You are signed in with a role that has no pages here")


def test_what_is_no_token_counts_as_nobody(open_window: OpenWindow) -> None:
    page = open_window(TUTOR, bearer="not.a.token")
    expect(page.get_by_role("main")).to_contain_text("You are not signed in.")


def test_where_there_are_no_demo_people_nobody_can_be_chosen(open_window: OpenWindow) -> None:
    page = open_window(TUTOR)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(account_menu(page).get_by_role("combobox", name="Demo: see it as")).to_have_count(0)


def test_the_demo_signs_its_first_person_in_and_remembers_the_chosen_one(open_window: OpenWindow, demo: str) -> None:
    page = open_window(TUTOR, bearer=NOBODY, url=demo)
    expect(page.get_by_role("banner").get_by_role("button", name="account")).to_have_text("AKAbebe Kebedetutor")
    chooser = account_menu(page).get_by_role("combobox", name="Demo: see it as")
    expect(chooser.locator("option:checked")).to_have_text("Abebe Kebede (tutor)")
    chooser.focus()
    page.keyboard.type("Sara")
    expect(page.get_by_role("heading", level=1)).to_have_text("My lessons")
    expect(chooser).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("My lessons")
    account_menu(page)
    expect(chooser.locator("option:checked")).to_have_text("Sara Alemu (student)")
    page.screenshot(path=PICTURES / "chooser.png", full_page=True)


def test_after_another_person_is_chosen_nothing_of_the_one_before_is_shown(open_window: OpenWindow, demo: str) -> None:
    page = open_window(TUTOR, url=demo)
    main = page.get_by_role("main")
    expect(main).to_contain_text("Physics, grade 11")
    page.route("**/api/**", lambda _route: None)
    account_menu(page).get_by_role("combobox", name="Demo: see it as").select_option(label="Hanna Tesfaye (tutor)")
    expect(main).not_to_contain_text("Physics, grade 11")


def test_in_the_demo_an_expired_sign_in_is_renewed_without_a_word(open_window: OpenWindow, demo: str) -> None:
    page = open_window(TUTOR, url=demo)
    expect(page.get_by_role("main")).to_contain_text("Physics, grade 11")
    page.evaluate(SIGN_IN, expired(TUTOR))
    with page.expect_response(lambda response: "/api/" in response.url and response.ok):
        page.evaluate("location.hash = '#/lessons?status=completed'")
    expect(page.get_by_role("alert").filter(has_text="expired")).to_have_count(0)


def test_a_person_whom_the_demo_does_not_know_stays_signed_in(open_window: OpenWindow, demo: str) -> None:
    page = open_window(TUTOR, bearer=token(102, "admin"), url=demo)
    chooser = account_menu(page).get_by_role("combobox", name="Demo: see it as")
    expect(chooser.locator("option:checked")).to_have_text("Somebody else")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lessons")


def test_an_account_that_the_platform_does_not_know_is_told_so_before_any_click(open_window: OpenWindow) -> None:
    stranger = replace(ADMIN, user_id=4711)
    page = open_window(stranger, "#/claims")
    banner = page.get_by_role("alert").filter(has_text="Your account is not known here")
    expect(banner).to_be_visible()
    page.evaluate(f"localStorage.setItem('token', {token_of(ADMIN)!r})")
    page.evaluate("dispatchEvent(new StorageEvent('storage', { key: 'token' }))")
    expect(page.locator(".who")).to_be_visible()
    expect(banner).to_have_count(0)
