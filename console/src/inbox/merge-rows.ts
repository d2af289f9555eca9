/** The inbox keeps its rows in keyset pages. These put news into them without reading a thousand pages again. */
import type { Page, Row } from "~/api/contract";

export type Pages = { pages: Page<Row>[]; pageParams: unknown[] };

/**
 * Puts a freshly read first page on top. What it covers is taken from it alone (so rows that left the view go), what lies
 * beyond its last row stays. Returns the same cursors: the next page still follows the last row that was read before.
 */
export function mergeFirstPage(known: Pages, first: Page<Row>, sort: "newest" | "oldest"): Pages {
  const last = first.items.at(-1);
  if (last === undefined || first.next_cursor === null) return { pages: [first], pageParams: known.pageParams.slice(0, 1) };
  const fresh = new Set(first.items.map((row) => row.reference));
  const edge = Date.parse(last.last_message.at);
  const isBeyond = (row: Row): boolean => (sort === "newest" ? Date.parse(row.last_message.at) <= edge : Date.parse(row.last_message.at) >= edge);
  const pages = known.pages.map((page, index) => {
    const kept = page.items.filter((row) => !fresh.has(row.reference) && isBeyond(row));
    return { next_cursor: page.next_cursor, items: index === 0 ? [...first.items, ...kept] : kept };
  });
  return { ...known, pages };
}

/** Replaces one row wherever it stands; returns the same object when it is not there. */
export function replaceRow(known: Pages, row: Row): Pages {
  if (!known.pages.some((page) => page.items.some((each) => each.reference === row.reference))) return known;
  return { ...known, pages: known.pages.map((page) => ({ ...page, items: page.items.map((each) => (each.reference === row.reference ? row : each)) })) };
}

/** The neighbour to go to from `reference`, `step` rows on; null at the ends. */
export function neighbour(rows: readonly Row[], reference: string | undefined, step: 1 | -1): string | null {
  if (reference === undefined) return (step === 1 ? rows[0] : rows.at(-1))?.reference ?? null;
  const at = rows.findIndex((row) => row.reference === reference);
  if (at < 0) return rows[0]?.reference ?? null;
  return rows[at + step]?.reference ?? null;
}
