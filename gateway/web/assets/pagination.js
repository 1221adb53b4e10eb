// Reads a list that the API gives page by page. Pure: the caller makes the calls.

/** What has been read of a list so far. */
export class PagedList {
  rows = [];
  /** The latest page, with what the API sends beside its rows; null before the first. */
  answer = null;
  #readPage;
  #rowsOf;
  #minRows;
  #returned = 0;
  #isReading = false;

  /**
   * `readPage(pageToken, signal)` gets a page (the token of the first is ""), `rowsOf(answer)` takes the rows out of it.
   * Pages are read until there are `minRows`: a page may hold fewer, or none, although others follow (docs/reports.md).
   */
  constructor({ readPage, rowsOf, minRows = 1 }) {
    this.#readPage = readPage;
    this.#rowsOf = rowsOf;
    this.#minRows = minRows;
  }

  get hasMore() {
    return this.answer === null || Boolean(this.answer.next_page_token);
  }

  /**
   * Read on, and return the rows that no earlier call returned: also those that were read before a failure. Returns
   * null, and reads nothing, while an earlier call is under way: a button that is clicked twice shows a page once.
   */
  async next(signal) {
    if (this.#isReading) return null;
    this.#isReading = true;
    try {
      while (this.hasMore && this.rows.length - this.#returned < this.#minRows) {
        this.answer = await this.#readPage(this.answer?.next_page_token ?? "", signal);
        this.rows.push(...this.#rowsOf(this.answer));
      }
    } finally {
      this.#isReading = false;
    }
    const added = this.rows.slice(this.#returned);
    this.#returned = this.rows.length;
    return added;
  }
}
