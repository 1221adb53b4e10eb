// The lines of a list of lessons, under their days: how each looks, before and after it is marked there.

import { element } from "../../components.js";
import { dayHeading, text } from "../../localization.js";
import { rowContent } from "./row.js";
import { isClear, isLive, isMarked, isToMark } from "./state.js";

/** How long "Undo" is offered at least where marked lines go back to what they were; it stays while one is in the list. */
const UNDO_MS = 10_000;
const LOOK_AGAIN_MS = 2000;

const NO_DAY = "";

/** Make the groups: `{ element, add(day, row), clear() }`. Rows are added in the order of the list. */
function dayGroups() {
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
    clear() {
      groups.clear();
      place.replaceChildren();
    },
  };
}

/** What one does next with a line. */
function mainControl(row) {
  return row.querySelector(".undo") ?? row.querySelector(".accept") ?? row.querySelector(".open");
}

/**
 * Make the lines. `leaves`: a lesson that is marked is not to be in the list; it stays in its place, with what takes it
 * back, until the list is read again, so that no line moves under the pointer. `addressOf(id)` opens a lesson;
 * `onAccept(entry)` and `onUndo(entry)` are called by the buttons of a line, `onLeft()` when "Undo" is no longer offered.
 *
 * An entry is a line that is shown: `{ session, before, row, isDone, isUndoable, problem }`. `isDone`: it was marked here
 * a moment ago, and was `before` then.
 */
export function lines({ identity, addressOf, leaves, onAccept, onUndo, onLeft }) {
  const days = dayGroups();
  /** By the id of the lesson. */
  const entries = new Map();
  /** Ids of lessons that were marked since the list was read. */
  const marked = new Set();
  let openId = null;

  function render(entry) {
    const { session, row } = entry;
    const hadFocus = row.contains(document.activeElement);
    row.className = "row";
    row.classList.toggle("clear", isClear(session) && !entry.isDone);
    row.classList.toggle("is-done", entry.isDone);
    row.classList.toggle("is-live", isLive(session));
    row.classList.toggle("is-open", session.id === openId);
    row.replaceChildren(
      ...rowContent(session, {
        identity,
        href: addressOf(session.id),
        onAccept: () => onAccept(entry),
        onUndo: () => onUndo(entry),
        isDone: entry.isDone && entry.isUndoable,
        problem: entry.problem,
        showsNumber: !leaves,
      }),
    );
    if (hadFocus) mainControl(row).focus({ preventScroll: true });
  }

  function isInUse() {
    return days.element.matches(":hover") || days.element.contains(document.activeElement);
  }

  function letGo(entry, wait) {
    if (leaves) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      if (entries.get(entry.session.id) !== entry || !entry.isDone) return;
      if (isInUse()) {
        letGo(entry, LOOK_AGAIN_MS);
        return;
      }
      entry.isDone = false;
      render(entry);
      onLeft();
    }, wait);
  }

  function count({ session }) {
    if (isToMark(session)) marked.delete(session.id);
    else marked.add(session.id);
  }

  return {
    element: days.element,
    entries,
    marked,
    add(session) {
      const entry = {
        session,
        before: null,
        row: element("li", { "data-lesson": session.id }),
        isDone: false,
        isUndoable: false,
        problem: null,
      };
      entries.set(session.id, entry);
      render(entry);
      days.add(session.session_date, entry.row);
      return entry;
    },
    clear() {
      entries.clear();
      marked.clear();
      days.clear();
    },
    /** Show a lesson as it was marked here; what nobody had marked before, or `isUndoable`, can be taken back for a while. */
    showMarked(entry, session, isUndoable = !isMarked(entry.session) && isMarked(session)) {
      entry.before = entry.session;
      entry.session = session;
      entry.problem = null;
      entry.isUndoable = isUndoable;
      entry.isDone = entry.isUndoable || (leaves && !isToMark(session));
      count(entry);
      render(entry);
      if (entry.isDone) letGo(entry, UNDO_MS);
    },
    /** Show a lesson as it is now, with `problem` in words if there is one. */
    replace(entry, session, { problem = null } = {}) {
      clearTimeout(entry.timer);
      Object.assign(entry, { session, problem, isUndoable: false, isDone: leaves && !isToMark(session) });
      count(entry);
      render(entry);
    },
    /** Mark the line whose lesson is open. */
    setOpen(sessionId) {
      openId = sessionId;
      for (const { session, row } of entries.values()) row.classList.toggle("is-open", session.id === openId);
    },
    /** Focus the line of a lesson; returns whether it is there. */
    focus(sessionId) {
      const target = entries.get(sessionId)?.row.querySelector(".undo, .open");
      target?.focus();
      return Boolean(target);
    },
    /** Return the id of the lesson on whose line the focus is. */
    focused() {
      return [...entries.values()].find(({ row }) => row.contains(document.activeElement))?.session.id;
    },
  };
}
