"""The card that docs/api.md gives to authors of pages shows what people wrote as text."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser

from testkit.source_tree import ROOT

CODE = "\n".join(re.findall(r"```javascript\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL))
MARKUP = "<img src=x onerror='window.ran = true'>"
SESSION = {
    "id": 1,
    "status": "completed",
    "course_name": MARKUP,
    "session_date": MARKUP,
    "tutor_attendance_status": "late",
    "student_attendance_status": MARKUP,
    "attendance_source": "system_default",
    "attendance_notes": MARKUP,
}


def test_markup_in_names_and_notes_stays_text(browser: Browser) -> None:
    with browser.new_page() as page:
        page.set_content("<main></main>")
        session, markup = json.dumps(SESSION), json.dumps(MARKUP)
        page.evaluate(f"""() => {{
            {CODE}
            const main = document.querySelector("main");
            main.innerHTML = escaped({markup});
            main.append(renderSessionCard({session}));
        }}""")
        assert page.locator("img").count() == 0
        assert (page.locator("main").text_content() or "").count(MARKUP) == 4
        assert page.locator(".badge").first.text_content() == "\N{ALARM CLOCK} Late"
