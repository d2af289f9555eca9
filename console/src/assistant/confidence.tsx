import { percent } from "~/lib/numbers";

/** Confidence as a number with a bar; a bar alone would be a colour's word. */
export function Confidence({ value }: { value: number }) {
  return (
    <span className="inline-flex items-center gap-2 text-xs text-muted" title="How likely an answer like this was right so far">
      <span aria-hidden="true" className="block h-1.5 w-16 overflow-hidden rounded-full bg-iris-line">
        <span className="block h-full rounded-full bg-iris" style={{ width: `${Math.round(value * 100)}%` }} />
      </span>
      <span>
        <span className="font-semibold text-text">{percent(value)}</span> confident
      </span>
    </span>
  );
}
