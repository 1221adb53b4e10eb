// The API's documentation: Swagger UI with our own document. A token that is pasted stays in this page's memory.

import { text, translate } from "./localization.js";

/** Swagger UI's controls that screen readers have no name for. */
const CONTROL_NAMES = {
  ".body-param__text": "documentation.body",
  ".close-modal": "documentation.close",
  ".copy-to-clipboard > button": "documentation.copy",
  ".examples-select-element": "documentation.example",
  ".model-box-control:has(> .model-toggle:only-child)": "documentation.schema",
};
/** Boxes that scroll, which the keyboard can't reach. */
const SCROLLING = ".microlight, .curl";

function addNames(root) {
  for (const [selector, key] of Object.entries(CONTROL_NAMES)) {
    for (const control of root.querySelectorAll(`${selector}:not([aria-label])`))
      control.setAttribute("aria-label", text(key));
  }
  for (const box of root.querySelectorAll(`:is(${SCROLLING}):not([tabindex])`)) box.tabIndex = 0;
}

/** Keep everything that the viewer shows usable by keyboard and screen reader. */
function keepAccessible(root) {
  new MutationObserver(() => addNames(root)).observe(root, { childList: true, subtree: true });
}

const END_OF_EVENT = "\n\n";

async function firstEvent(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let event = "";
  while (!event.includes(END_OF_EVENT)) {
    const { value, done } = await reader.read();
    if (done) break;
    event += value;
  }
  await reader.cancel();
  return event;
}

/**
 * Fetch as `fetch` does; of a stream of server-sent events, which never ends, return the first event only. The viewer
 * shows an answer once it has ended.
 */
async function fetchFirstEvent(url, options) {
  const response = await fetch(url, options);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const { status, statusText, headers } = response;
  return new Response(await firstEvent(response.body), { status, statusText, headers });
}

const viewer = document.getElementById("viewer");

keepAccessible(viewer);
globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  domNode: viewer,
  defaultModelsExpandDepth: 0,
  // The colours of this theme have enough contrast.
  syntaxHighlight: { theme: "tomorrow-night" },
  // By default the viewer sends the document's address to a third party, for a badge.
  validatorUrl: null,
  requestInterceptor: (request) => Object.assign(request, { userFetch: fetchFirstEvent }),
});
// Last: where the viewer has not loaded, the page has not.
translate(document);
