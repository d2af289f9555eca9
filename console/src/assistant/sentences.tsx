/** A draft sentence by sentence, each marked as supported or not, in words and symbol; pointing at one shows its source. */
import clsx from "clsx";
import { CircleCheck, CircleHelp } from "lucide-react";
import type { Draft, Source } from "~/api/contract";

type Sentences = Draft["sentences"];

export function SentenceList({ sentences, sources, pointed, onPoint }: { sentences: Sentences; sources: Source[]; pointed: number | null; onPoint: (passageId: number | null) => void }) {
  return (
    <ol className="space-y-1">
      {sentences.map((sentence, index) => {
        const source = sources.findIndex(({ passage_id }) => passage_id === sentence.passage_id);
        return (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- pointing only highlights what the numbers say, too
          <li
            key={index}
            onMouseEnter={() => onPoint(sentence.passage_id)}
            onMouseLeave={() => onPoint(null)}
            className={clsx("flex gap-2 rounded-md px-2 py-1", !sentence.supported && "bg-amber-tint", sentence.supported && pointed !== null && pointed === sentence.passage_id && "bg-iris-tint")}
          >
            <span className={clsx("mt-0.5 flex-none", sentence.supported ? "text-pine" : "text-amber")}>
              {sentence.supported ? <CircleCheck size={15} aria-hidden /> : <CircleHelp size={15} aria-hidden />}
              <span className="sr-only">{sentence.supported ? "Supported:" : "Not supported:"}</span>
            </span>
            <span className="min-w-0" dir="auto">
              {sentence.text}{" "}
              {source >= 0 && (
                <span className="inline-block rounded bg-iris-tint px-1 text-2xs font-semibold text-iris-strong" title={sources[source]?.section}>
                  <span className="sr-only">source </span>
                  {source + 1}
                </span>
              )}
              {sentence.fault !== null && <span className="block text-xs font-medium text-amber">Not supported: {sentence.fault}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
