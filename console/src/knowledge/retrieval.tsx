import { useQuery } from "@tanstack/react-query";
import { Search, SearchX } from "lucide-react";
import { useState } from "react";
import type { Retrieved } from "~/api/contract";
import { queries } from "~/api/queries";
import { percent } from "~/lib/numbers";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

export function RetrievedList({ items }: { items: Retrieved[] }) {
  return (
    <ol className="space-y-3">
      {items.map((hit) => (
        <li key={hit.passage_id} className="card px-4 py-3">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <a href={hit.url} target="_blank" rel="noreferrer" className="font-medium underline-offset-2 hover:underline">{hit.title}</a>
            <span className="text-xs text-muted">{hit.section.split(" > ").slice(1).join(" › ")}</span>
            <span className="flex-1" />
            <span className="badge">certainty {percent(hit.certainty)}</span>
          </div>
          <p dir="auto" className="mt-1 text-sm text-muted">{hit.text}</p>
          <p className="mt-1.5 flex flex-wrap gap-x-4 text-xs text-muted">
            <span>score {hit.score.toFixed(2)}</span>
            {hit.similarity !== null && <span>meaning {percent(hit.similarity)}</span>}
            {hit.sentence_similarity !== null && <span>nearest sentence {percent(hit.sentence_similarity)}</span>}
            <span>words found {percent(hit.word_coverage)}</span>
            {hit.names_unknown && <span className="font-medium text-amber">names something the documents do not know</span>}
          </p>
        </li>
      ))}
    </ol>
  );
}

/** The search that the assistant does, to try: what would it read for this question? */
export function RetrievalTab() {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const query = useQuery({ ...queries.retrieval(asked), enabled: asked !== "" });
  return (
    <>
      <form className="mb-4 flex gap-2" onSubmit={(event) => { event.preventDefault(); setAsked(text.trim()); }}>
        <label className="relative flex-1">
          <span className="sr-only">A customer’s question</span>
          <Search size={15} aria-hidden className="absolute start-3 top-2.5 text-muted" />
          <input className="input ps-9!" value={text} maxLength={1000} placeholder="Ask as a customer would" onChange={(event) => setText(event.target.value)} />
        </label>
        <button type="submit" className="button button-primary" disabled={text.trim() === ""}>Find</button>
      </form>
      {asked === "" ? (
        <EmptyState icon={Search} title="See with the assistant’s eyes">Ask a question: you see the passages that it would answer from, with what speaks for each.</EmptyState>
      ) : (
        <QueryView query={query} label="Searching" empty={<EmptyState icon={SearchX} title="Nothing fits">The assistant would hand this question to a person. An article would change that.</EmptyState>}>
          {(items) => <RetrievedList items={items} />}
        </QueryView>
      )}
    </>
  );
}
