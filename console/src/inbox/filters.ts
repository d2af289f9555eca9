/** What the inbox shows, as it stands in the address. */
import type { View } from "~/api/contract";
import { viewName } from "~/lib/words";

export const FILTERS = ["channel", "team", "assignee", "sentiment", "plan", "language", "label", "from", "to"] as const;
export type Filter = (typeof FILTERS)[number];
export type InboxSearch = { view?: View; sort?: "oldest" } & Partial<Record<Filter, string>>;

export function readInboxSearch(search: Record<string, unknown>): InboxSearch {
  const read: InboxSearch = {};
  if (typeof search.view === "string" && Object.hasOwn(viewName, search.view) && search.view !== "waiting") read.view = search.view as View;
  if (search.sort === "oldest") read.sort = "oldest";
  for (const filter of FILTERS) {
    const value = search[filter];
    if (typeof value === "string" && value !== "") read[filter] = value;
  }
  return read;
}

/** What an operator most often comes for: whoever waits for an answer. */
export const DEFAULT_VIEW: View = "waiting";
export const viewOf = (search: InboxSearch): View => search.view ?? DEFAULT_VIEW;
export const activeFilters = (search: InboxSearch): Filter[] => FILTERS.filter((filter) => search[filter] !== undefined);
export const withoutFilters = ({ view, sort }: InboxSearch): InboxSearch => ({ ...(view === undefined ? {} : { view }), ...(sort === undefined ? {} : { sort }) });
