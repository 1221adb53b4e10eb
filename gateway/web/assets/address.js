// Addresses of views: the fragment, as links and scripts name it.

/** Return the fragment of a view with a query, without what is empty in it: `#/sessions?status=completed`. */
export function address(path, query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return search ? `#${path}?${search}` : `#${path}`;
}
