// Parts of the pages that are loaded when they are needed, or a little earlier.

import { loadStyle } from "./style-sheets.js";
import { loadViewWords } from "./words.js";

let hasFailed = false;
/** What `lazy` has made, in that order. */
const parts = [];

/** Return how many parts there are so far. */
export function partCount() {
  return parts.length;
}

/** Return whether something could not be loaded since the last call. */
export function takeFailure() {
  const failed = hasFailed;
  hasFailed = false;
  return failed;
}

/**
 * Return a function that loads a module, `() => import("./some.js")`, together with its style sheets. It may be called
 * again and again, also to load early.
 */
export function lazy(load, ...styles) {
  async function loadPart() {
    try {
      const [module] = await Promise.all([load(), ...styles.map(loadStyle)]);
      return module;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  }
  parts.push(loadPart);
  return loadPart;
}

/** Return the same for a view whose words are in strings/views/. */
export function lazyView(load, ...styles) {
  return lazy(async () => (await Promise.all([load(), loadViewWords()]))[0], ...styles);
}

/** Load early, and don't mind if that fails: what is needed is loaded again when it is. */
export function loadEarly(load) {
  load().catch(() => {});
}

/** Load as soon as somebody points at `place`, touches it or reaches it by keyboard: the click follows shortly after. */
export function loadOnApproach(place, load) {
  for (const approach of ["pointerenter", "touchstart", "focusin"])
    place.addEventListener(approach, () => loadEarly(load), { once: true, passive: true });
}

async function loadInTurn(load) {
  await new Promise((resolve) => (self.requestIdleCallback ?? setTimeout)(resolve));
  await load().catch(() => {});
}

/**
 * Load these views one after the other while nothing else happens, and then the parts that views load later, for which
 * `isPartOfView(index)`; nothing if the person saves data.
 */
export async function loadWhenIdle(views, isPartOfView = () => false) {
  if (navigator.connection?.saveData) return;
  for (const load of views) await loadInTurn(load);
  // Grows while it is gone through: a view that was loaded has parts of its own.
  for (const [index, load] of parts.entries()) if (isPartOfView(index)) await loadInTurn(load);
}
