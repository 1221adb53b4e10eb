// Keys that lead from line to line: j and k, or the arrows; a accepts the line that has the focus, u takes that back. They
// act while the focus is in the list, or nowhere; nothing needs them.

const TYPED_IN = "input, select, textarea, [contenteditable], dialog *, [popover] *";
const STEPS = new Map([
  ["j", 1],
  ["ArrowDown", 1],
  ["k", -1],
  ["ArrowUp", -1],
]);
const PRESSED = new Map([
  ["a", ".accept"],
  ["u", ".undo"],
]);

function hasModifier({ ctrlKey, metaKey, altKey, isComposing }) {
  return ctrlKey || metaKey || altKey || isComposing;
}

function rowsOf(list) {
  return [...list.querySelectorAll(".row:not(.to-come)")];
}

function goBy(step, rows, current) {
  const index = rows.indexOf(current);
  const next = index < 0 ? rows[0] : rows[index + step];
  next?.querySelector(".title").focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

/** Listen for the keys until `signal` is aborted; returns what acts on one. */
export function keepKeys(list, signal) {
  function act(event) {
    const { target, key } = event;
    if (hasModifier(event) || event.defaultPrevented || target.matches?.(TYPED_IN)) return;
    if (document.querySelector("dialog[open]")) return;
    const row = target.closest?.(".row");
    const isHere = Boolean(row && list.contains(row));
    // The arrows scroll, unless the focus is on a line.
    if (!isHere && (target !== document.body || key.startsWith("Arrow"))) return;
    if (STEPS.has(key)) {
      if (goBy(STEPS.get(key), rowsOf(list), row)) event.preventDefault();
    } else if (isHere && PRESSED.has(key)) row.querySelector(PRESSED.get(key))?.click();
  }

  document.addEventListener("keydown", act, { signal });
  return act;
}
