// The API's documentation: Swagger UI on our own document. What is pasted as a token stays in this page's memory.

import { translate } from "../strings/index.js";
import { keepAccessible } from "./accessibility.js";
import { fetchFirstEvent } from "./first-event.js";

const viewer = document.getElementById("viewer");

translate(document);
keepAccessible(viewer);
globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  domNode: viewer,
  defaultModelsExpandDepth: 0,
  // Of the viewer's themes, one whose every colour can be read.
  syntaxHighlight: { theme: "tomorrow-night" },
  // By default the document's address is sent to a stranger, who draws a badge about it.
  validatorUrl: null,
  requestInterceptor: (request) => Object.assign(request, { userFetch: fetchFirstEvent }),
});
