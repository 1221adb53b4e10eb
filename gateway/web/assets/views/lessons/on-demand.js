// What a list of lessons needs only once somebody does something with it: the review of a lesson, and keys.

import { loadOnApproach } from "../../loading.js";
import { text } from "../../localization.js";

/**
 * Make `show(sessionId, visit)`, which opens the lesson that the address names, if any, or goes back to the list.
 * `options` are those of opening.js.
 */
export function onDemand(options) {
  const { list } = options;
  let opening = null;
  loadOnApproach(list.element, async () => (await import("./opening.js")).loadReview());

  async function load({ signal, notice }, again) {
    try {
      const module = await import("./opening.js");
      return signal.aborted ? null : module.opening(options);
    } catch {
      if (!signal.aborted) notice.warn({ message: text("problems.offline") }, again);
      return null;
    }
  }

  /** The first key that is pressed loads what it may mean. */
  function listenForKeys(signal) {
    async function load(event) {
      const { keepKeys } = await import("./keys.js").catch(() => ({}));
      if (!signal.aborted) keepKeys?.(list.element, signal)(event);
    }
    document.addEventListener("keydown", load, { signal, once: true });
  }

  async function show(sessionId, visit) {
    listenForKeys(visit.signal);
    if (sessionId) opening ??= await load(visit, () => show(sessionId, visit));
    await opening?.show(sessionId, visit);
  }

  return show;
}
