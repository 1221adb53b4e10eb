// Reads a list that the API gives page by page.

import { call } from "../../api.js";

/** What has been read of a list so far. */
export class Pages {
  rows = [];
  /** The latest page, with what the API tells beside its rows. */
  answer = null;
  #path;
  #query;
  #rowsOf;

  /** `rowsOf(answer)` takes the rows out of a page. */
  constructor(path, query, rowsOf) {
    this.#path = path;
    this.#query = query;
    this.#rowsOf = rowsOf;
  }

  /** Whether nothing follows. */
  get isWhole() {
    return !this.answer.next_page_token;
  }

  /** Read the next page. Some hold no rows although others follow (docs/reports.md): then go on. */
  async read(signal) {
    const before = this.rows.length;
    do {
      const query = { ...this.#query, page_token: this.answer?.next_page_token };
      this.answer = await call(this.#path, { query, signal });
      this.rows.push(...this.#rowsOf(this.answer));
    } while (this.rows.length === before && !this.isWhole);
  }
}
