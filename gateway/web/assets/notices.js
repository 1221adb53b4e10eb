// Messages: a bar at the bottom of the window, wherever one has scrolled; in a dialog, at the bottom of the dialog.

import { button, element, iconButton } from "./elements.js";
import { signInLink } from "./sign-in.js";
import { text } from "./words.js";

/** How long a message stays that asks for nothing. */
const SECONDS = 8;
/** How much longer while one points at it or is in it. */
const SECONDS_MORE = 2;
const MILLISECONDS = 1000;
const UNAUTHORIZED = 401;

/**
 * Make a place for messages: `say` for what went well, `warn` for what did not, with a button to try again. The `element`
 * belongs in the page or in a dialog.
 */
export function notices() {
  // Screen readers read out what changes in a region, not what arrives together with it: so both are there from the start.
  const said = element("div", { class: "notice", role: "status" });
  const warned = element("div", { class: "notice", role: "alert" });
  const place = element("div", { class: "notices" }, said, warned);
  let timer;

  function clearSaid() {
    clearTimeout(timer);
    said.replaceChildren();
  }

  function clear() {
    clearSaid();
    warned.replaceChildren();
  }

  function clearAfter(seconds) {
    timer = setTimeout(() => {
      if (place.matches(":hover, :focus-within")) clearAfter(SECONDS_MORE);
      else clear();
    }, seconds * MILLISECONDS);
  }

  function act({ label, run }) {
    let isDone = false;
    return button(label, () => {
      if (isDone) return undefined;
      isDone = true;
      clear();
      return run();
    });
  }

  function show(region, message, ...actions) {
    clear();
    const close = iconButton("close", text("common.dismiss"), clear);
    region.append(element("p", {}, message), ...actions.filter(Boolean), close);
  }

  return {
    element: place,
    clear,
    /** Take away what was said, as something newer was done; what failed stays until it is closed. */
    clearSaid,
    /** Say it for some seconds; `action` is a button beside it: `{ label, run }`. */
    say(message, { action = null, seconds = SECONDS } = {}) {
      show(said, message, action && act(action));
      clearAfter(seconds);
    },
    /** Say it until it is closed. `again` is called by a button, unless the problem says that trying again can't help. */
    warn(problem, again = null) {
      const retry = again && problem.mayPass !== false;
      const signIn = problem.status === UNAUTHORIZED && signInLink();
      show(warned, problem.message, signIn, retry && act({ label: text("common.retry"), run: again }));
    },
  };
}
