// Which address shows which view, to whom. Addresses are the fragment: `/#/sessions/12?status=completed`.

import * as sessions from "./views/sessions/view.js";

export { address } from "./address.js";

const STAFF = ["tutor", "admin"];

/**
 * Each view is a module with `show(visit)`; only the first one that most people see is loaded at once. `page` names its
 * title and its entry in the navigation, for the roles that have it; views of one `section` share an entry, and lead to
 * each other themselves.
 */
export const ROUTES = [
  { pattern: /^\/sessions(?:\/(\d+))?$/, page: "sessions", roles: STAFF, load: async () => sessions },
  { pattern: /^\/record(?:\/(\d+))?$/, page: "record", roles: ["student"], load: () => import("./views/record/view.js") },
  { pattern: /^\/children(?:\/(\d+))?$/, page: "children", roles: ["parent"], load: () => import("./views/children/view.js") },
  {
    pattern: /^\/reports\/tutors$/, page: "rates", section: "reports", roles: STAFF,
    load: () => import("./views/reports/rates.js"),
  },
  {
    pattern: /^\/reports\/students(?:\/(\d+))?$/, page: "students", section: "reports", roles: STAFF,
    load: () => import("./views/reports/students.js"),
  },
  {
    pattern: /^\/reports\/engagement$/, page: "engagement", section: "reports", roles: STAFF,
    load: () => import("./views/reports/engagement.js"),
  },
  {
    pattern: /^\/reports\/suggestions$/, page: "agreement", section: "reports", roles: ["admin"],
    load: () => import("./views/reports/agreement.js"),
  },
];

const PATHS = {
  sessions: "/sessions",
  record: "/record",
  children: "/children",
  rates: "/reports/tutors",
  students: "/reports/students",
  engagement: "/reports/engagement",
  agreement: "/reports/suggestions",
};

/** Return the pages that somebody in this role may see, with their paths. */
export function pagesOf(role) {
  return ROUTES.filter(({ roles }) => roles.includes(role))
    .map(({ page, section }) => ({ page, section, path: PATHS[page] }));
}

/** Return those that they find in the navigation: of each section the first. */
export function entriesOf(role) {
  return pagesOf(role).filter(({ section }, place, pages) =>
    !section || pages.findIndex((other) => other.section === section) === place);
}

/** Take a fragment apart: the route, what its pattern caught, and the query; the route is null where there is none. */
export function resolve(fragment, role) {
  const [path, search = ""] = fragment.replace(/^#/, "").split("?");
  const start = path === "" || path === "/" ? pagesOf(role)[0]?.path : path;
  const route = ROUTES.find(({ pattern, roles }) => roles.includes(role) && pattern.test(start ?? "")) ?? null;
  return { route, parameters: route ? start.match(route.pattern).slice(1) : [], query: new URLSearchParams(search) };
}
