// What the person chose for this browser: the language, the calendar in which dates are written, and the clock.

const CHOICES = { calendar: ["gregory", "ethiopic"], clock: ["day", "ethiopian"] };

/** Return the chosen calendar or clock; the first is the usual one. */
export function setting(name) {
  const stored = localStorage.getItem(name);
  return CHOICES[name].includes(stored) ? stored : CHOICES[name][0];
}

/** Return what there is to choose from. */
export function choicesOf(name) {
  return CHOICES[name];
}
