// The canvas of the demo whiteboard. Windows of one browser show each other's drawings; the platform has a drawing
// server for that.

const PEN = { tutor: "#1d4ed8", student: "#15803d" };
const PAPER = "#ffffff";
const PEN_WIDTH = 3;
const ERASER_WIDTH = 30;
const LETTER_HEIGHT = 28;
const LETTER_ADVANCE = 17;

/** Let a person draw, erase and type; `onActivity(word)` is called for each action. */
export function openCanvas(canvas, { sessionId, role, tool, onActivity }) {
  const context = canvas.getContext("2d");
  const others = new BroadcastChannel(`whiteboard-${sessionId}`);
  let last = null;
  let caret = { x: LETTER_HEIGHT, y: LETTER_HEIGHT };

  function paint({ from, to, letter, color, width }) {
    context.fillStyle = color;
    if (letter) {
      context.font = `${LETTER_HEIGHT}px system-ui, sans-serif`;
      context.fillText(letter, from.x, from.y);
      return;
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    // A line without length is not stroked, but a click is to draw a dot.
    context.beginPath();
    context.arc(to.x, to.y, width / 2, 0, 2 * Math.PI);
    context.fill();
  }

  function share(mark) {
    paint(mark);
    others.postMessage(mark);
  }

  function place(event) {
    const scale = canvas.width / canvas.clientWidth;
    return { x: event.offsetX * scale, y: event.offsetY * scale };
  }

  function stroke(to) {
    const isErasing = tool() === "erase";
    share({
      from: last,
      to,
      color: isErasing ? PAPER : (PEN[role] ?? "#000000"),
      width: isErasing ? ERASER_WIDTH : PEN_WIDTH,
    });
    last = to;
    caret = to;
    onActivity(tool());
  }

  others.addEventListener("message", ({ data }) => paint(data));
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last) stroke(place(event));
  });
  canvas.addEventListener("pointerup", () => {
    last = null;
  });
  canvas.addEventListener("pointercancel", () => {
    last = null;
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    share({ from: caret, letter: event.key, color: PEN[role] ?? "#000000" });
    caret = { ...caret, x: caret.x + LETTER_ADVANCE };
    onActivity("type");
  });
}
