/** What a request sets in motion, beside the form on wide screens and below it on narrow ones. */
import { useId } from "react";
import { copy } from "../copy";
import { BookIcon, InboxIcon, PersonIcon } from "../ui/icons";

const ICONS = [InboxIcon, BookIcon, PersonIcon];

export function NextSteps() {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId}>
      <h2 id={headingId} className="text-sm font-semibold text-muted">
        {copy.steps.title}
      </h2>
      <ol className="mt-5 space-y-6">
        {copy.steps.list.map(({ title, text }, index) => {
          const StepIcon = ICONS[index] ?? InboxIcon;
          return (
            <li key={title} className="flex gap-4">
              <span className="grid size-10 shrink-0 place-items-center rounded-xl bg-accent-tint text-accent">
                <StepIcon />
              </span>
              <div className="max-w-sm">
                <p className="font-medium">{title}</p>
                <p className="text-muted">{text}</p>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
