// Lines of lessons under the days on which they are.

import { element } from "../../components.js";
import { dayHeading, text } from "../../localization.js";

const NO_DAY = "";

/** Make the groups: `{ element, add(day, row), remove(row), clear(), rows() }`. Rows are added in the order of the list. */
export function dayGroups() {
  const place = element("div", { class: "days" });
  /** By day. */
  const groups = new Map();

  function groupOf(day) {
    if (!groups.has(day)) {
      const name = day === NO_DAY ? text("lessons.noDay") : dayHeading(day);
      const count = element("span", { class: "quiet" });
      const heading = element("h2", { class: "day" }, element("span", {}, name), count);
      const list = element("ul", { class: "rows" });
      const section = element("section", {}, heading, list);
      groups.set(day, { section, list, count });
      place.append(section);
    }
    return groups.get(day);
  }

  function showCount({ list, count }) {
    count.textContent = text("lessons.count", { count: list.children.length });
  }

  return {
    element: place,
    add(day, row) {
      const group = groupOf(day || NO_DAY);
      group.list.append(row);
      showCount(group);
    },
    remove(row) {
      for (const [day, group] of groups) {
        if (!group.list.contains(row)) continue;
        row.remove();
        showCount(group);
        if (!group.list.children.length) {
          group.section.remove();
          groups.delete(day);
        }
      }
    },
    clear() {
      groups.clear();
      place.replaceChildren();
    },
    rows: () => [...place.querySelectorAll(".rows > li")],
  };
}
