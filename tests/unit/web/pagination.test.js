import assert from "node:assert/strict";
import { test } from "node:test";
import { PagedList } from "../../../gateway/web/assets/pagination.js";

/** A list whose pages are `pages`; the token of a page is its index. */
function listOf(pages, { minRows, before = async () => {} } = {}) {
  const asked = [];
  async function readPage(pageToken) {
    asked.push(pageToken);
    await before(asked.length);
    const index = Number(pageToken);
    const next = index + 1 < pages.length ? String(index + 1) : "";
    return { rows: pages[index], next_page_token: next };
  }
  const list = new PagedList({ readPage, rowsOf: ({ rows }) => rows, minRows });
  return { list, asked };
}

test("pages are read one after the other until none follows", async () => {
  const { list, asked } = listOf([[1, 2], [3]]);
  assert.equal(list.hasMore, true);
  assert.deepEqual(await list.next(), [1, 2]);
  assert.equal(list.hasMore, true);
  assert.deepEqual(await list.next(), [3]);
  assert.equal(list.hasMore, false);
  assert.deepEqual(list.rows, [1, 2, 3]);
  assert.deepEqual(asked, ["", "1"]);
});

test("asking twice at once reads one page, and the second caller gets null", async () => {
  const { list, asked } = listOf([[1], [2], [3]]);
  await list.next();
  const [first, second] = await Promise.all([list.next(), list.next()]);
  assert.deepEqual(first, [2]);
  assert.equal(second, null);
  assert.deepEqual(list.rows, [1, 2]);
  assert.deepEqual(asked, ["", "1"]);
});

test("a page without rows is passed over", async () => {
  const { list } = listOf([[1], [], [], [2]]);
  await list.next();
  assert.deepEqual(await list.next(), [2]);
});

test("an empty list ends", async () => {
  const { list } = listOf([[]]);
  assert.deepEqual(await list.next(), []);
  assert.equal(list.hasMore, false);
});

test("as many rows are read as are wanted at once", async () => {
  const { list } = listOf([[1], [2], [3], [4]], { minRows: 3 });
  assert.deepEqual(await list.next(), [1, 2, 3]);
  assert.deepEqual(await list.next(), [4]);
});

test("a failure between two pages loses no rows, and reading goes on where it failed", async () => {
  const { list, asked } = listOf([[1], [2], [3]], {
    minRows: 3,
    async before(attempt) {
      if (attempt === 2) throw new Error("away");
    },
  });
  await assert.rejects(list.next(), /away/);
  assert.deepEqual(await list.next(), [1, 2, 3]);
  assert.deepEqual(asked, ["", "1", "1", "2"]);
});

test("after the end nothing is asked any more", async () => {
  const { list, asked } = listOf([[1]]);
  await list.next();
  assert.deepEqual(await list.next(), []);
  assert.deepEqual(asked, [""]);
});
