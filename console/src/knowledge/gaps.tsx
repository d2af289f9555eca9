import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { BookPlus, Puzzle } from "lucide-react";
import { queries } from "~/api/queries";
import { remember } from "~/lib/storage";
import { plural } from "~/lib/numbers";
import { shortAge } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";

export function GapsTab() {
  const query = useQuery(queries.gaps(30));
  const navigate = useNavigate();
  const now = useNow();
  const { may } = useMe();
  const write = (question: string): void => {
    remember("article", { title: question, markdown: "" }, "session");
    void navigate({ to: "/knowledge", search: { tab: "write" } });
  };
  return (
    <QueryView query={query} label="Loading gaps" empty={<EmptyState icon={Puzzle} title="No gaps in the last 30 days">Questions that the documents could not answer are gathered here.</EmptyState>}>
      {(gaps) => (
        <ol className="card divide-y divide-line overflow-hidden">
          {gaps.map((gap) => (
            <li key={gap.question} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
              <div className="min-w-0 flex-1 basis-72">
                <p className="font-medium" dir="auto">{gap.question}</p>
                <p className="text-xs text-muted">
                  asked {plural(gap.count, "time")}, last {shortAge(gap.newest_at, now)} ago ·{" "}
                  {gap.references.slice(0, 3).map((reference, index) => (
                    <span key={reference}>
                      {index > 0 && ", "}
                      <Link to="/inbox/$reference" params={{ reference }} search={{ view: "all" }} preload={false} className="font-mono underline-offset-2 hover:underline">{reference}</Link>
                    </span>
                  ))}
                </p>
              </div>
              {may("operator") && (
                <button type="button" className="button button-plain" onClick={() => write(gap.question)}>
                  <BookPlus size={14} aria-hidden /> Write the answer
                </button>
              )}
            </li>
          ))}
        </ol>
      )}
    </QueryView>
  );
}
