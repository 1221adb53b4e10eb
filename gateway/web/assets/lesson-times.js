// Where a lesson stands in time. Pure. A lesson is over when its time is, also where the platform does not say so yet.

const MINUTE_MS = 60_000;
/** A lesson can be joined from this long before its start. */
export const JOIN_EARLY_MINUTES = 10;
/** The source of a status before any decision. */
const NOT_MARKED = "system_default";
const JOINING_ROLES = ["tutor", "student"];
const OVER = ["completed", "missed"];
const DEFAULT_WHITEBOARD = "/whiteboard?session={whiteboard_id}";

/**
 * Return where a lesson stands: `cancelled`, `coming`, `soon` (it can be joined), `live` or `over`. `now` is in
 * milliseconds. Without times of its own, its status says it.
 */
export function phaseOf({ status, scheduled_start: start, scheduled_end: end }, now = Date.now()) {
  if (status === "cancelled") return "cancelled";
  if (OVER.includes(status)) return "over";
  if (!start || !end) return status === "in-progress" ? "live" : "coming";
  if (now >= Date.parse(end)) return "over";
  if (now >= Date.parse(start)) return "live";
  return now >= Date.parse(start) - JOIN_EARLY_MINUTES * MINUTE_MS ? "soon" : "coming";
}

/** Return whether somebody has to be marked: in a class, any of its students. */
export function isUnmarked({ attendance_source: source, undecided_students: undecided = 0 }) {
  return source === NOT_MARKED || undecided > 0;
}

/** Return how a lesson stands to its tutor: a phase, or instead of `over` one of `to-mark` and `marked`. */
export function standingOf(session, now = Date.now()) {
  const phase = phaseOf(session, now);
  if (phase !== "over") return phase;
  return isUnmarked(session) ? "to-mark" : "marked";
}

/** Return whether a person in this role can join a lesson now. */
export function canJoin(session, role, now = Date.now()) {
  return (
    Boolean(session.whiteboard_id) && JOINING_ROLES.includes(role) && ["soon", "live"].includes(phaseOf(session, now))
  );
}

/** Return the address of a whiteboard: of the platform's own, where the gateway was told (WHITEBOARD_URL). */
export function whiteboardAddress(whiteboardId, template = document.documentElement.dataset.whiteboardUrl) {
  return (template || DEFAULT_WHITEBOARD).replace("{whiteboard_id}", whiteboardId);
}

/** Return how many milliseconds remain until the next of these lessons changes its phase; Infinity: none will. */
export function untilNextPhase(sessions, now = Date.now()) {
  const turns = sessions.flatMap(({ scheduled_start: start, scheduled_end: end }) =>
    start && end ? [Date.parse(start) - JOIN_EARLY_MINUTES * MINUTE_MS, Date.parse(start), Date.parse(end)] : [],
  );
  return Math.min(...turns.filter((turn) => turn > now).map((turn) => turn - now), Infinity);
}
