import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { hasCode } from "~/api/client";
import { queries } from "~/api/queries";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { ConversationPane } from "./pane";

export function ConversationScreen() {
  const { reference } = useParams({ from: "/shell/inbox/$reference" });
  const search = useSearch({ from: "/shell/inbox" });
  const query = useQuery(queries.conversation(reference));
  if (query.data === undefined) {
    if (hasCode(query.error, "not_found")) {
      return (
        <>
        <h1 className="sr-only">{reference}</h1>
        <EmptyState icon={SearchX} title={`There is no ${reference}`}>
          It may have been removed with its customer, or the address has a slip in it.
        </EmptyState>
        </>
      );
    }
    if (query.isError) return (
        <>
          <h1 className="sr-only">{reference}</h1>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </>
      );
    return <SkeletonRows rows={6} label="Loading the conversation" />;
  }
  return <ConversationPane key={reference} detail={query.data} search={search} />;
}
