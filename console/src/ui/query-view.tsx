import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, SkeletonRows } from "./states";

/** A query's four states in one place: skeleton, failure, nothing, something. */
export function QueryView<T>({ query, label, empty, isEmpty, children }: {
  query: UseQueryResult<T>;
  label: string;
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  children: (data: T) => ReactNode;
}) {
  if (query.data === undefined) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <SkeletonRows rows={5} label={label} />;
  }
  const none = isEmpty === undefined ? Array.isArray(query.data) && query.data.length === 0 : isEmpty(query.data);
  if (none && empty !== undefined) return empty;
  return children(query.data);
}
