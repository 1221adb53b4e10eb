// Who is signed in, at the end of the header: their face and name, and a menu with what concerns them.

import { button, element, face, icon, isolated } from "./elements.js";
import { signOut } from "./identity.js";
import { hasText, text } from "./localization.js";

const MENU_ID = "account-menu";

/** Make the menu. `parts` are what stands in it; outside of the demo one can also sign out, which calls `onSignOut()`. */
export function accountMenu({ parts, onSignOut = null }) {
  const opener = element("button", { type: "button", class: "who", popovertarget: MENU_ID });
  function leave() {
    signOut();
    onSignOut();
  }
  const out = onSignOut && button([icon("signout"), " ", text("shell.signOut")], leave);
  const menu = element("div", { class: "menu", id: MENU_ID, popover: "auto" }, parts, out);
  function showNobody() {
    opener.setAttribute("aria-label", text("shell.nobody"));
    opener.replaceChildren(icon("settings"), icon("chevron"));
  }
  return {
    element: element("div", {}, opener, menu),
    /** Show who is signed in; `name` may be unknown (empty). */
    show(identity, name) {
      if (out) out.hidden = !identity;
      if (!identity) return showNobody();
      const roleKey = `common.role.${identity.role}`;
      const role = hasText(roleKey) ? text(roleKey) : identity.role;
      opener.setAttribute("aria-label", text("shell.account", { name: name || role, role }));
      opener.replaceChildren(
        face(name || role),
        element(
          "span",
          { class: "name" },
          element("span", {}, isolated(name || role)),
          name && element("small", {}, role),
        ),
        icon("chevron"),
      );
    },
  };
}
