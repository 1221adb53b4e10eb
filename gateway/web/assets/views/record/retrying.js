// Failures of several calls at once. There is one place for messages: to try again is to do all that failed.

/**
 * Make `{ onFailure(problem, again), attempt(work) }`: the one says a failure, the other does something, and returns null
 * and says so if it failed. `onFailed()` is called at each failure; `signal` is the view's.
 */
export function retrying({ notice, onFailed, signal }) {
  const failed = new Set();

  function onFailure(problem, again) {
    if (signal.aborted) return;
    onFailed();
    failed.add(again);
    notice.warn(problem, () => {
      const all = [...failed];
      failed.clear();
      return Promise.all(all.map((one) => one()));
    });
  }

  async function attempt(work) {
    try {
      return await work();
    } catch (problem) {
      onFailure(problem, () => attempt(work));
      return null;
    }
  }

  return { onFailure, attempt };
}
