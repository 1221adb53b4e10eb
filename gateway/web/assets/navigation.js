// The navigation: an entry for each section that a role may see, with how much waits there.

import { element, icon } from "./elements.js";
import { loadOnApproach } from "./loading.js";
import { text } from "./localization.js";
import { entriesOf } from "./routes.js";

const place = document.getElementById("pages");
/** How much waits on a page, as it is written, by the page's name. */
let counts = new Map();
let badges = new Map();

function fill(badge, page) {
  const count = counts.get(page) ?? "";
  badge.textContent = count;
  badge.hidden = count === "";
}

function countBadge(page) {
  const badge = element("span", { class: "count", id: `${page}-count` });
  badges.set(page, badge);
  fill(badge, page);
  return badge;
}

/** Write how much waits on a page: "3", or "" for nothing. */
export function setCount(page, count) {
  counts.set(page, count);
  if (badges.has(page)) fill(badges.get(page), page);
}

/** Forget what was counted: another person signs in. */
export function forgetCounts() {
  counts = new Map();
}

/**
 * Show the entries of a role. A link is marked as the present page, or as leading to others of the present section.
 * `loadOf(page)` returns what loads a page.
 */
export function showNavigation(role, current, loadOf) {
  badges = new Map();
  place.replaceChildren(
    ...entriesOf(role).map(({ page, section, path, icon: sign, counts: isCounted }) => {
      const isPresent = section ? section === current?.section : page === current?.page;
      const label = element("span", {}, text(`shell.pages.${section ?? page}`));
      const link = element(
        "a",
        { href: `#${path}`, "aria-current": isPresent && (section ? "true" : "page") },
        icon(sign),
        label,
        isCounted && [" ", countBadge(page)],
      );
      loadOnApproach(link, loadOf(page));
      return element("li", {}, link);
    }),
  );
}
