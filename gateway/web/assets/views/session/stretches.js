// When somebody was there, was not, or could not be seen: one row of stretches, without gaps inside the window.

export const CONNECTED = "connected";
export const ASSUMED = "assumed";
export const UNOBSERVED = "unobserved";
export const AWAY = "away";

function covers(stretches, from, to) {
  return stretches.some((stretch) => stretch.from <= from && to <= stretch.to);
}

/** What is known of a piece in which nothing begins or ends; null where nothing is to be told. */
function kindOf({ intervals, gaps, window, until }, from, to) {
  if (covers(intervals.filter(({ assumed }) => !assumed), from, to)) return CONNECTED;
  if (covers(intervals, from, to)) return ASSUMED;
  if (!covers([{ from: window.from, to: Math.min(window.to, until) }], from, to)) return null;
  return covers(gaps, from, to) ? UNOBSERVED : AWAY;
}

function pieces(facts) {
  const { intervals, gaps, window, until } = facts;
  const ends = [...intervals, ...gaps, window].flatMap(({ from, to }) => [from, to]);
  const bounds = [...new Set([...ends, Math.min(window.to, until)])].toSorted((one, other) => one - other);
  return bounds.slice(1)
    .map((to, index) => ({ from: bounds[index], to, kind: kindOf(facts, bounds[index], to) }))
    .filter(({ kind }) => kind);
}

/**
 * Lay intervals (`{ from, to, assumed }`) and observation gaps (`{ from, to }`) out as stretches `{ from, to, kind }`,
 * oldest first. All times are milliseconds. Inside the window each moment up to `until` has one kind, outside of it
 * only presence is told. A sign of life that stands alone is a stretch of no length.
 */
export function stretchesOf(facts) {
  const lone = facts.intervals.filter(({ from, to }) => from === to)
    .map(({ from, to }) => ({ from, to, kind: CONNECTED }));
  const joined = [];
  for (const piece of pieces(facts)) {
    const last = joined.at(-1);
    const goesOn = last?.kind === piece.kind && last.to === piece.from && !lone.some(({ from }) => from === piece.from);
    if (goesOn) last.to = piece.to;
    else joined.push(piece);
  }
  return [...joined, ...lone].toSorted((one, other) => one.from - other.from || one.to - other.to);
}

/** The moments at which somebody came back after having been away. */
export function returns(stretches) {
  return stretches
    .filter(({ kind }, index) => kind === CONNECTED && stretches[index - 1]?.kind === AWAY
      && stretches.slice(0, index).some((earlier) => earlier.kind === CONNECTED))
    .map(({ from }) => from);
}

/** An answer's interval or gap (RFC 3339), in milliseconds; one that is open lasts until `until`. */
export function spanOf({ started_at: start, ended_at: end, end_reason: reason, assumed = false }, until) {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return { from, to: reason === "" && !assumed ? Math.max(to, until) : to, assumed };
}
