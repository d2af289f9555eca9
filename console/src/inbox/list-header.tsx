/** View, order and filters above the list. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowDownUp, ListFilter, X } from "lucide-react";
import type { ComponentProps, ReactElement } from "react";
import { cloneElement, lazy, Suspense, useState } from "react";
import type { View } from "~/api/contract";
import { queries } from "~/api/queries";
import { count } from "~/lib/numbers";
import { capitalised, viewName } from "~/lib/words";
import type { Filter, InboxSearch } from "./filters";
import { activeFilters, viewOf, withoutFilters } from "./filters";

const VIEWS = Object.keys(viewName) as View[];

const load = (): Promise<typeof import("./filter-popover")> => import("./filter-popover");
const FilterPopover = lazy(load);

export function ListHeader({ search }: { search: InboxSearch }) {
  const navigate = useNavigate();
  const { data: counts } = useQuery(queries.counts());
  const { data: operators } = useQuery(queries.operators());
  const [isFiltering, setFiltering] = useState(false);
  const view = viewOf(search);
  const active = activeFilters(search);
  const to = (next: InboxSearch): void => void navigate({ to: "/inbox", search: next });
  const set = (filter: Filter, value: string): void => {
    const { [filter]: _dropped, ...rest } = search;
    to(value === "" ? rest : { ...rest, [filter]: value });
  };
  const isOldest = search.sort === "oldest";
  const flip = (): void => {
    const { sort: _dropped, ...rest } = search;
    to(isOldest ? rest : { ...rest, sort: "oldest" });
  };
  const valueName = (filter: Filter): string => {
    const value = search[filter] ?? "";
    return filter === "assignee" ? (operators?.find(({ id }) => id === value)?.name ?? "somebody") : filter === "from" || filter === "to" ? `${filter} ${value}` : capitalised(value);
  };

  const filterButton: ReactElement<ComponentProps<"button">> = (
    <button type="button" className="icon-button" aria-haspopup="dialog" aria-label={active.length === 0 ? "Filter" : `Filter, ${active.length} set`} title="Filter">
      <span className="relative">
        <ListFilter size={16} aria-hidden />
        {active.length > 0 && <span className="absolute -end-2 -top-2 grid size-4 place-items-center rounded-full bg-pine text-[0.625rem] font-semibold text-on-pine">{active.length}</span>}
      </span>
    </button>
  );

  return (
    <header className="flex-none border-b border-line px-3 py-2">
      <div className="flex items-center gap-1">
        <h1 className="min-w-0 flex-1 text-base">
          <span className="hidden xl:inline">{viewName[view]}</span>
          <label className="xl:hidden">
            <span className="sr-only">View</span>
            <select className="-ms-1 max-w-full rounded-md bg-surface py-1 ps-1 font-semibold" value={view} onChange={(event) => to({ view: event.target.value as View, ...(isOldest ? { sort: "oldest" } : {}) })}>
              {VIEWS.map((each) => (
                <option key={each} value={each}>
                  {viewName[each]} {counts === undefined ? "" : `(${count(counts[each])})`}
                </option>
              ))}
            </select>
          </label>
          {counts !== undefined && <span className="ms-2 hidden text-xs font-normal text-muted xl:inline">{count(counts[view])}</span>}
        </h1>
        <button type="button" className="icon-button" onClick={flip} aria-label={isOldest ? "Oldest first. Change to newest first" : "Newest first. Change to oldest first"} title={isOldest ? "Oldest first" : "Newest first"}>
          <ArrowDownUp size={15} aria-hidden />
        </button>
        {isFiltering ? (
          <Suspense fallback={filterButton}>
            <FilterPopover search={search} onChange={set} trigger={filterButton} />
          </Suspense>
        ) : (
          cloneElement(filterButton, { onClick: () => setFiltering(true), onPointerEnter: () => void load(), onFocus: () => void load() })
        )}
      </div>
      {active.length > 0 && (
        <div className="mt-1.5 flex flex-wrap gap-1">
          {active.map((filter) => (
            <button key={filter} type="button" className="badge badge-pine cursor-pointer" onClick={() => set(filter, "")} aria-label={`Remove the filter ${valueName(filter)}`}>
              {valueName(filter)} <X size={11} aria-hidden />
            </button>
          ))}
          <button type="button" className="px-1 text-2xs font-medium text-muted underline" onClick={() => to(withoutFilters(search))}>
            Clear all
          </button>
        </div>
      )}
    </header>
  );
}
