"""Every view with a person who sees it, for what has to hold on all of them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from development.demo.people import Person, person
from development.demo.stories import STORIES

TUTOR, OTHER_TUTOR, STUDENT, PARENT, ADMIN = (person(number) for number in (101, 102, 205, 302, 901))
#: The lesson that goes on, and its whiteboard's address.
RUNNING = next(number for number, story in enumerate(STORIES, start=1) if story.status == "in-progress")
#: Keeps count of what the page waits for. Streams never end, so they do not count.
COUNT_CALLS = """
  Object.assign(self, { asked: 0, pending: 0 });
  const original = self.fetch;
  self.fetch = async (...what) => {
    if (String(what[0]).endsWith("/watch")) return original(...what);
    self.asked += 1;
    self.pending += 1;
    // What was answered is on the page two frames later.
    const done = () => requestAnimationFrame(() => requestAnimationFrame(() => { self.pending -= 1; }));
    try {
      const answer = await original(...what);
      answer.clone().arrayBuffer().then(done, done);
      return answer;
    } catch (error) {
      done();
      throw error;
    }
  };
"""
#: Has the page load nothing before it is needed.
SAVE_DATA = "Object.defineProperty(navigator.connection, 'saveData', { value: true });"
#: The first call asks for demo people.
SETTLED = "() => self.asked > 1 && self.pending === 0 && !document.body.hasAttribute('aria-busy')"
#: The same where a view may have nothing to ask for.
QUIET = "() => self.pending === 0 && !document.body.hasAttribute('aria-busy')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """An address, and who goes there."""

    who: Person
    address: str
    #: Whether a name that looks like markup is on it.
    has_hostile_name: bool = False

    def __str__(self) -> str:
        return f"{self.who.role} at {self.address}"


VISITS = (
    Visit(who=OTHER_TUTOR, address="#/to-mark", has_hostile_name=True),
    Visit(who=TUTOR, address="#/to-mark/1"),
    Visit(who=OTHER_TUTOR, address="#/lessons", has_hostile_name=True),
    Visit(who=OTHER_TUTOR, address="#/lessons/7", has_hostile_name=True),
    Visit(who=TUTOR, address="#/lessons/12"),
    Visit(who=TUTOR, address=f"#/lessons/{RUNNING}"),
    Visit(who=TUTOR, address="#/week"),
    Visit(who=TUTOR, address="#/week/12"),
    Visit(who=ADMIN, address="#/lessons?status=missed"),
    Visit(who=ADMIN, address="#/lessons/9"),
    Visit(who=TUTOR, address="#/reports?days=all"),
    Visit(who=ADMIN, address="#/reports/tutors?days=all"),
    Visit(who=OTHER_TUTOR, address="#/reports/students", has_hostile_name=True),
    Visit(who=OTHER_TUTOR, address="#/reports/students/32?days=all", has_hostile_name=True),
    Visit(who=TUTOR, address="#/reports/tutors/whiteboard?days=all"),
    Visit(who=TUTOR, address="#/reports/outcomes?days=all"),
    Visit(who=ADMIN, address="#/reports/outcomes/student?days=all", has_hostile_name=True),
    Visit(who=ADMIN, address="#/claims"),
    Visit(who=ADMIN, address="#/reports/at-risk"),
    Visit(who=ADMIN, address="#/reports/agreement?days=all"),
    Visit(who=ADMIN, address="#/policies"),
    Visit(who=ADMIN, address="#/policies/new"),
    Visit(who=STUDENT, address="#/record"),
    Visit(who=STUDENT, address="#/record/7"),
    Visit(who=PARENT, address="#/children/30"),
)


def settle(page: Page) -> None:
    """Wait until the view, its dialog included, shows what it asked for."""
    page.wait_for_function(SETTLED)


def wait_until_quiet(page: Page) -> None:
    """Wait until nothing is being loaded. What is expected then is there at once, and no expectation has to poll."""
    page.wait_for_function(QUIET)
