// What stands over a page without an address of its own: the browser's Back closes it instead of leaving the page.

/**
 * Add an entry to the history for what has just been opened, and return `leave()`, which takes it away. `close()` is called
 * once the browser has gone back, by whatever means. Aborting `signal` ends this: the page is left with the entry.
 */
export function closedByBack(close, signal) {
  let isLeaving = false;
  const gone = new AbortController();
  const stop = () => gone.abort();
  signal.addEventListener("abort", stop, { once: true });
  history.pushState(history.state, "");
  addEventListener(
    "popstate",
    () => {
      stop();
      close();
    },
    { signal: gone.signal },
  );
  return () => {
    if (isLeaving || gone.signal.aborted) return;
    isLeaving = true;
    history.back();
  };
}
