// Said at once, above whatever is shown: nothing can be recorded in the name of an account that the platform does not know.

import { call } from "./api.js";
import { element, icon } from "./elements.js";
import { text } from "./localization.js";

/** Ask who calls, and show it above `main` if that is nobody; where it can't be asked, the first act says it. */
export async function tellUnknownAccount(main, signal) {
  const { is_known: isKnown = true } = await call("/api/me", { signal }).catch(() => ({}));
  if (isKnown || signal.aborted) return;
  const banner = element("p", { class: "banner", role: "alert" }, icon("warning"), text("shell.unknownAccount"));
  main.before(banner);
  signal.addEventListener("abort", () => banner.remove(), { once: true });
}
