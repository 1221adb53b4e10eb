// Tells people what happened, also those who do not see it.

import { button, element } from "../elements.js";
import { text } from "../strings/index.js";

/** Make a place for messages: `say` for what went well, `warn` for what did not, with a way to try again. */
export function notices() {
  // Both regions are there before anything is said in them: what arrives together with its region is not read out.
  const said = element("p", { class: "notice", role: "status" });
  const warned = element("div", { class: "notice", role: "alert" });
  const place = element("div", { class: "notices" }, said, warned);
  return {
    element: place,
    clear() {
      said.replaceChildren();
      warned.replaceChildren();
    },
    say(message) {
      this.clear();
      said.append(message);
    },
    /** `again` is called by a button, where trying again may help. */
    warn(problem, again = null) {
      this.clear();
      const retry = again && problem.mayPass !== false ? button(text("common.retry"), () => { this.clear(); again(); }) : null;
      warned.append(element("p", {}, problem.message), ...(retry ? [retry] : []));
    },
  };
}
