import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { ChevronRight, ExternalLink } from "lucide-react";
import { useState } from "react";
import type { Draft, Source } from "~/api/contract";
import { queries } from "~/api/queries";
import { percent } from "~/lib/numbers";
import { Skeleton } from "~/ui/states";

/** A source names its passage; its words are found the way the assistant found them: by the sentence that rests on it. */
function Passage({ passageId, sentence }: { passageId: number; sentence: string }) {
  const { data, isPending, isError } = useQuery({ ...queries.retrieval(sentence), staleTime: 600_000 });
  if (isPending) return <Skeleton className="mt-2 h-10" />;
  const found = data?.find(({ passage_id }) => passage_id === passageId);
  if (isError || found === undefined) return <p className="mt-1 text-xs text-muted">Open the article to read the passage.</p>;
  return (
    <blockquote dir="auto" className="mt-1.5 border-s-2 border-iris-line ps-2.5 text-sm text-muted">
      {found.text}
    </blockquote>
  );
}

export function SourceList({ draft, pointed, onPoint, isOpen = false }: { draft: Pick<Draft, "sources" | "sentences">; pointed: number | null; onPoint: (passageId: number | null) => void; isOpen?: boolean }) {
  const [opened, setOpened] = useState<Record<number, boolean>>({});
  if (draft.sources.length === 0) return <p className="text-sm text-muted">No source: nothing in the documents fits.</p>;
  const strength = ({ passage_id }: Source): number => Math.max(0, ...draft.sentences.filter((each) => each.passage_id === passage_id).map(({ similarity }) => similarity ?? 0));
  return (
    <ol className="space-y-2">
      {draft.sources.map((source, index) => {
        const sentence = draft.sentences.find(({ passage_id }) => passage_id === source.passage_id)?.text;
        const shown = opened[source.passage_id] ?? isOpen;
        return (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- pointing only highlights what the numbers say, too
          <li key={source.passage_id} onMouseEnter={() => onPoint(source.passage_id)} onMouseLeave={() => onPoint(null)} className={clsx("rounded-lg border px-3 py-2", pointed === source.passage_id ? "border-iris bg-iris-tint" : "border-line bg-raised")}>
            <div className="flex items-start gap-2">
              <span aria-hidden="true" className="mt-0.5 rounded bg-iris-tint px-1 text-2xs font-semibold text-iris-strong">{index + 1}</span>
              <div className="min-w-0 flex-1">
                <a href={source.url} target="_blank" rel="noreferrer" className="text-sm font-medium underline-offset-2 hover:underline">
                  {source.title} <ExternalLink size={11} aria-hidden className="inline" />
                  <span className="sr-only"> (opens the article)</span>
                </a>
                <p className="text-xs text-muted">{source.section.split(" > ").slice(1).join(" › ") || source.section}</p>
              </div>
              {strength(source) > 0 && <span className="text-xs text-muted" title="How near the nearest sentence is to this passage">{percent(strength(source))}</span>}
            </div>
            {sentence !== undefined && (
              <>
                {!isOpen && (
                  <button type="button" aria-expanded={shown} onClick={() => setOpened({ ...opened, [source.passage_id]: !shown })} className="mt-1 inline-flex items-center gap-0.5 text-xs font-medium text-iris">
                    <ChevronRight size={12} aria-hidden className={clsx("transition-transform", shown ? "rotate-90" : "rtl:rotate-180")} /> Passage
                  </button>
                )}
                {shown && <Passage passageId={source.passage_id} sentence={sentence} />}
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
}
