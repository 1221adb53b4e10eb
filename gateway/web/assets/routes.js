// Which address shows which page, to whom. Addresses are the fragment: `/#/lessons/12?status=completed`. Pure: the
// views themselves are loaded by application.js.

const STAFF = ["tutor", "admin"];

/**
 * `page` names the title, and the entry in the navigation for the roles that may see it; pages of one `section` share
 * an entry, and link to each other themselves; `entryOf`: it has an entry for these roles only. `icon` is the entry's;
 * `counts` says that it shows how much waits. `path` is the page's own address, `pattern` also matches what lies below.
 */
const ROUTES = [
  {
    page: "toMark",
    icon: "tomark",
    counts: true,
    path: "/to-mark",
    pattern: /^\/to-mark(?:\/(\d+))?$/,
    roles: ["tutor"],
  },
  { page: "week", icon: "calendar", path: "/week", pattern: /^\/week(?:\/(\d+))?$/, roles: ["tutor"] },
  { page: "lessons", icon: "lessons", path: "/lessons", pattern: /^\/(?:lessons|sessions)(?:\/(\d+))?$/, roles: STAFF },
  { page: "record", icon: "lessons", path: "/record", pattern: /^\/record(?:\/(\d+))?$/, roles: ["student"] },
  {
    page: "children",
    icon: "people",
    path: "/children",
    pattern: /^\/children(?:\/(\d+)(?:\/(\d+))?)?$/,
    roles: ["parent"],
  },
  {
    page: "claims",
    icon: "claim",
    counts: true,
    path: "/claims",
    pattern: /^\/(?:claims|inbox)$/,
    roles: STAFF,
    entryOf: ["admin"],
  },
  {
    page: "summary",
    icon: "chart",
    section: "reports",
    path: "/reports",
    pattern: /^\/reports$/,
    roles: STAFF,
  },
  {
    page: "tutors",
    section: "reports",
    path: "/reports/tutors",
    pattern: /^\/reports\/(?:tutors(?:\/(whiteboard))?|(engagement))$/,
    roles: STAFF,
  },
  {
    page: "students",
    section: "reports",
    path: "/reports/students",
    pattern: /^\/reports\/students(?:\/(\d+))?$/,
    roles: STAFF,
  },
  {
    page: "outcomes",
    section: "reports",
    path: "/reports/outcomes",
    pattern: /^\/reports\/outcomes(?:\/(tutor|student))?$/,
    roles: STAFF,
  },
  {
    page: "atRisk",
    section: "reports",
    path: "/reports/at-risk",
    pattern: /^\/reports\/at-risk$/,
    roles: STAFF,
  },
  {
    page: "agreement",
    section: "reports",
    path: "/reports/agreement",
    pattern: /^\/reports\/(?:agreement|suggestions)$/,
    roles: ["admin"],
  },
  {
    page: "policies",
    icon: "settings",
    path: "/policies",
    pattern: /^\/policies(?:\/(\d+|new))?$/,
    roles: ["admin"],
  },
];

/** Return the address of a page with a query, without its empty values: `#/lessons?status=completed`. */
export function address(path, query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return search ? `#${path}?${search}` : `#${path}`;
}

/** Return the routes that a role may see. */
export function routesOf(role) {
  return ROUTES.filter(({ roles }) => roles.includes(role));
}

/** Return the routes that the navigation shows to a role: the first of each section. */
export function entriesOf(role) {
  const shown = routesOf(role).filter(({ entryOf = [role] }) => entryOf.includes(role));
  return shown.filter(
    ({ section }, index) => !section || shown.findIndex((other) => other.section === section) === index,
  );
}

/** Return the roles that may see the page of a fragment; none if there is no such page. */
export function rolesOf(fragment) {
  const [path] = fragment.replace(/^#/, "").split("?");
  return ROUTES.find(({ pattern }) => pattern.test(path))?.roles ?? [];
}

/** Return a fragment's route (null if there is none for this role), what its pattern caught, and its query. */
export function resolve(fragment, role) {
  const [path, search = ""] = fragment.replace(/^#/, "").split("?");
  const start = path === "" || path === "/" ? routesOf(role)[0]?.path : path;
  const route = routesOf(role).find(({ pattern }) => pattern.test(start ?? "")) ?? null;
  return { route, parameters: route ? start.match(route.pattern).slice(1) : [], query: new URLSearchParams(search) };
}
