// The demo whiteboard: /whiteboard?session=1. Open it in two windows, as tutor and as student. Without a session in the
// address it joins nobody: it lists the lessons that can be joined.

import { demoChooser, freshToken } from "../demo-chooser.js";
import { identity, renewFrom, signInThisWindow, windowSignIn, windowToken } from "../identity.js";
import { loadViewWords, translate } from "../localization.js";
import { showBoard } from "./board.js";
import { showChoice } from "./choice.js";

const SESSION_ID = /^[1-9]\d{0,9}$/;
const main = document.getElementById("main");

signInThisWindow();
await loadViewWords();
translate(document);
const chooser = await demoChooser({
  signedIn: windowToken(),
  signIn: windowSignIn,
  onChosen: () => location.reload(),
});
if (chooser) {
  document.getElementById("chooser").append(chooser);
  renewFrom(freshToken);
}
const asked = new URLSearchParams(location.search).get("session") ?? "";
const own = identity(windowToken() ?? "");
if (SESSION_ID.test(asked)) showBoard(main, Number(asked), own);
else showChoice(main, own);
