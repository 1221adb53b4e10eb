// Parts of the pages that are loaded when they are needed, or a little earlier.

import { loadStyle } from "./style-sheets.js";

let hasFailed = false;

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
  return async () => {
    try {
      const [module] = await Promise.all([load(), ...styles.map(loadStyle)]);
      return module;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
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

/** Load these one after the other while nothing else happens, unless the person saves data. */
export async function loadWhenIdle(loads) {
  if (navigator.connection?.saveData) return;
  for (const load of loads) {
    await new Promise((resolve) => (self.requestIdleCallback ?? setTimeout)(resolve));
    await load().catch(() => {});
  }
}
