// Where one signs in: on the platform, whose address is a setting of the gateway (SIGN_IN_URL).

import { element, icon } from "./elements.js";
import { text } from "./words.js";

const address = document.documentElement.dataset.signInUrl;

/** Make the link to the platform's sign-in, in another tab, so that nothing typed here is lost; null without a setting. */
export function signInLink() {
  if (!address) return null;
  return element(
    "a",
    { class: "button primary sign-in", href: address, target: "_blank", rel: "noopener" },
    text("shell.signIn"),
    " ",
    icon("external"),
  );
}
