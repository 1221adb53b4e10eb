// The words of the views that are loaded later, as a browser loads them with these views. Import it first.

import "./page.js";

const { loadViewWords } = await import("../../../gateway/web/assets/words.js");
await loadViewWords();
