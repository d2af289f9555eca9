import { describe, expect, it } from "vitest";
import type { Page, Row } from "~/api/contract";
import { activeFilters, readInboxSearch, viewOf } from "./filters";
import type { Pages } from "./merge-rows";
import { mergeFirstPage, neighbour, replaceRow } from "./merge-rows";

/** Rows are named by a letter; the number is the minute of their last message. */
const row = (reference: string, minute: number): Row => ({ reference, last_message: { at: new Date(minute * 60_000).toISOString() } }) as unknown as Row;
const page = (rows: Row[], next: string | null): Page<Row> => ({ items: rows, next_cursor: next });
const names = (pages: Pages): string => pages.pages.map(({ items }) => items.map(({ reference }) => reference).join("")).join("|");

describe("news on top of known pages", () => {
  const known: Pages = { pages: [page([row("a", 9), row("b", 8), row("c", 7)], "1"), page([row("d", 6), row("e", 5)], "2")], pageParams: [null, "1"] };

  it("puts new rows on top and loses none at the seam", () => {
    expect(names(mergeFirstPage(known, page([row("x", 11), row("a", 9), row("b", 8)], "n"), "newest"))).toBe("xabc|de");
  });
  it("moves a row that was answered further down", () => {
    expect(names(mergeFirstPage(known, page([row("e", 12), row("a", 9), row("b", 8)], "n"), "newest"))).toBe("eabc|d");
  });
  it("drops what left the view", () => {
    expect(names(mergeFirstPage(known, page([row("a", 9), row("c", 7), row("d", 6)], "n"), "newest"))).toBe("acd|e");
  });
  it("keeps the cursors: the next page still follows the last known row", () => {
    expect(mergeFirstPage(known, page([row("x", 11)], "n"), "newest").pages.at(-1)?.next_cursor).toBe("2");
  });
  it("knows that a first page without a next one is all there is", () => {
    expect(names(mergeFirstPage(known, page([row("a", 9)], null), "newest"))).toBe("a");
    expect(names(mergeFirstPage(known, page([], null), "newest"))).toBe("");
  });
  it("works the other way round for oldest first", () => {
    const oldest: Pages = { pages: [page([row("a", 1), row("b", 2)], "1"), page([row("c", 3)], "2")], pageParams: [null, "1"] };
    expect(names(mergeFirstPage(oldest, page([row("b", 2), row("c", 3)], "n"), "oldest"))).toBe("bc|");
  });
  it("replaces a row in place, and nothing when it is not there", () => {
    expect(replaceRow(known, row("z", 1))).toBe(known);
    expect(replaceRow(known, { ...row("d", 6), subject: "new" }).pages[1]?.items[0]?.subject).toBe("new");
  });
});

describe("going on", () => {
  const rows = [row("a", 3), row("b", 2), row("c", 1)];
  it("goes one on, and stops at the ends", () => {
    expect([neighbour(rows, "a", 1), neighbour(rows, "a", -1), neighbour(rows, "c", 1), neighbour(rows, undefined, 1), neighbour([], "a", 1)]).toEqual(["b", null, null, "a", null]);
  });
});

describe("the address", () => {
  it("reads what it knows and forgets the rest", () => {
    expect(readInboxSearch({ view: "mine", sort: "oldest", channel: "email", plan: "", nonsense: 1, label: 7 })).toEqual({ view: "mine", sort: "oldest", channel: "email" });
    expect(readInboxSearch({ view: "__proto__" })).toEqual({});
    expect(viewOf({})).toBe("waiting");
    expect(activeFilters({ view: "all", sort: "oldest", team: "Billing" })).toEqual(["team"]);
  });
});
