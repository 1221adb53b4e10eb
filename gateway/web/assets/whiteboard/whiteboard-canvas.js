// The canvas of the demo whiteboard. Windows of one browser show each other's drawings; the platform has a drawing
// server for that.

const PEN = { tutor: "#1d4ed8", student: "#15803d" };
const OTHER_PEN = "#1d1f1c";
const PAPER = "#ffffff";
const PEN_WIDTH = 3;
const ERASER_WIDTH = 30;
const LETTER_HEIGHT = 28;
const LINE_HEIGHT = 38;
const MARGIN = 28;
/** Older marks stay on the canvas, but a window that is opened later does not get them. */
const MAX_MARKS = 20_000;

/** What was drawn, for windows that are opened later. */
class Marks {
  #marks = [];

  add(mark) {
    this.#marks.push(mark);
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  get all() {
    return this.#marks;
  }
}

/** Return a function that paints a mark. */
function painter(canvas) {
  const context = canvas.getContext("2d");
  context.font = `${LETTER_HEIGHT}px system-ui, sans-serif`;
  context.lineCap = "round";
  const paint = ({ from, to, letter, color, width }) => {
    context.fillStyle = color;
    if (letter) {
      context.fillText(letter, from.x, from.y);
      return;
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    // A line without length is not stroked, but a click is to draw a dot.
    context.beginPath();
    context.arc(to.x, to.y, width / 2, 0, 2 * Math.PI);
    context.fill();
  };
  return { paint, widthOf: (letter) => context.measureText(letter).width };
}

/** Let a person draw, erase and type; `onActivity(word)` is called for each action. */
export function openCanvas(canvas, { sessionId, role, tool, onActivity }) {
  const { paint, widthOf } = painter(canvas);
  const marks = new Marks();
  const others = new BroadcastChannel(`whiteboard-${sessionId}`);
  const color = PEN[role] ?? OTHER_PEN;
  let last = null;
  let caret = { x: MARGIN, y: MARGIN + LETTER_HEIGHT };
  /** Where a new line begins. */
  let lineStart = MARGIN;

  function put(mark) {
    marks.add(mark);
    paint(mark);
  }

  function share(mark) {
    put(mark);
    others.postMessage({ marks: [mark] });
  }

  function place(event) {
    const scale = canvas.width / canvas.clientWidth;
    return { x: event.offsetX * scale, y: event.offsetY * scale };
  }

  function stroke(to) {
    const isErasing = tool() === "erase";
    share({ from: last, to, color: isErasing ? PAPER : color, width: isErasing ? ERASER_WIDTH : PEN_WIDTH });
    last = to;
    caret = to;
    lineStart = to.x;
    onActivity(tool());
  }

  function breakLine() {
    caret = { x: lineStart, y: caret.y + LINE_HEIGHT };
  }

  /** Each letter takes the room that it has in its font. */
  function type(letter) {
    const width = widthOf(letter);
    if (caret.x + width > canvas.width - MARGIN) {
      lineStart = Math.min(lineStart, canvas.width / 2);
      breakLine();
    }
    share({ from: caret, letter, color });
    caret = { ...caret, x: caret.x + width };
    onActivity("type");
  }

  others.addEventListener("message", ({ data }) => {
    if (data.isNew && marks.all.length) others.postMessage({ marks: marks.all, isForNew: true });
    // Several windows may answer one that was opened later; it takes the first answer.
    if (data.marks && !(data.isForNew && marks.all.length)) for (const mark of data.marks) put(mark);
  });
  others.postMessage({ isNew: true });

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last) stroke(place(event));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      last = null;
    });
  }
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter") breakLine();
    else if (event.key.length === 1) type(event.key);
    else return;
    event.preventDefault();
  });
}
