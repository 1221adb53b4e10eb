// The notes on a lesson, taken apart by who wrote them. Pure. A parent's stand below others', after `Parent:`
// (docs/decisions.md); alone they stand without it.

const PARENTS = /^Parent: ?/m;

/** Return `{ staff, parent }` of notes; what is not there is empty. `source` is that of the mark that they came with. */
export function notesByWriter(notes = "", source = "") {
  const [staff, ...parents] = notes.split(PARENTS);
  if (parents.length === 0 && source === "parent_reported") return { staff: "", parent: staff.trim() };
  return { staff: staff.trim(), parent: parents.join("\n").trim() };
}
