// Who of a lesson is at the whiteboard at present, by name. Pure.

const GUEST = { tutor: "otherTutor", student: "otherStudent" };

function personOf({ connected, present_since: since, left_at: left } = {}) {
  if (connected) return { state: "here", at: since ?? null };
  return left ? { state: "left", at: left } : { state: "missing", at: null };
}

/** A whiteboard without a lesson names nobody. */
function withoutLesson(participants, userId) {
  return participants.map((one) => ({
    role: one.user_type,
    name: null,
    guest: one.user_type,
    isYou: one.user_id === userId,
    ...personOf(one),
  }));
}

/**
 * Return the people of a lesson, first the tutor, each as `{ role, name, isYou, state, at }`: `state` is `here` (`at`:
 * since when), `left` (when) or `missing`. `participants` are those of the live status, `userId` is the reader's.
 * People whom the whiteboard names and the lesson does not are there as guests while they are connected: their `name`
 * is null, and `guest` is the key of a word for them. Of a whiteboard without a lesson, all are.
 */
export function whoIsThere(session, participants, userId) {
  if (session.tutor_user_id === undefined && !session.students.length) return withoutLesson(participants, userId);
  const of = (role, id) => participants.find((one) => one.user_type === role && one.user_id === id);
  const known = [
    { role: "tutor", id: session.tutor_user_id, name: session.tutor_name },
    ...session.students.map(({ user_id: id, name }) => ({ role: "student", id, name })),
  ];
  const isKnown = (one) => known.some(({ role, id }) => role === one.user_type && id === one.user_id);
  const guests = participants.filter((one) => one.connected && !isKnown(one));
  return [
    ...known.map(({ role, id, name }) => ({ role, name, isYou: id === userId, ...personOf(of(role, id)) })),
    ...guests.map((one) => ({
      role: one.user_type,
      name: null,
      guest: GUEST[one.user_type],
      isYou: one.user_id === userId,
      ...personOf(one),
    })),
  ];
}

/** Sort people so that those who are missing come first, then those who left, each in the order of the lesson. */
export function missingFirst(people) {
  const order = ["missing", "left", "here"];
  return people.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
}
