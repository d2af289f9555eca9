import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";
import { useEffect } from "react";
import { api } from "~/api/client";
import type { KnowledgeJob } from "~/api/contract";

/** The newest job; live events set it (see use-live-updates.ts), and reading it again makes up for missed ones. */
export function useJob() {
  const client = useQueryClient();
  const { data: job } = useQuery<KnowledgeJob | null>({
    queryKey: ["knowledge-job"],
    queryFn: ({ signal }) => {
      const known = client.getQueryData<KnowledgeJob | null>(["knowledge-job"]);
      return known == null ? null : api<KnowledgeJob>(`/knowledge/jobs/${known.id}`, { signal });
    },
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 2_000 : false),
    staleTime: 1_000,
  });
  const state = job?.state;
  useEffect(() => {
    if (state === "done") void client.invalidateQueries({ queryKey: ["documents"] });
  }, [client, state]);
  return { job: job ?? null, start: (next: KnowledgeJob) => client.setQueryData(["knowledge-job"], next) };
}

export function JobProgress({ job }: { job: KnowledgeJob | null }) {
  if (job === null || (job.state === "done" && job.errors.length === 0 && job.total === 0)) return <div role="status" />;
  const share = job.total === 0 ? 0 : Math.round((job.done / job.total) * 100);
  return (
    <div role="status" className="card mb-4 px-4 py-3">
      <p className="flex items-center gap-2 text-sm font-medium">
        {job.state === "running" ? <LoaderCircle size={15} aria-hidden className="animate-spin text-iris" /> : job.state === "done" ? <CircleCheck size={15} aria-hidden className="text-pine" /> : <TriangleAlert size={15} aria-hidden className="text-brick" />}
        {job.state === "running" ? `Reading ${job.current ?? "documents"}, ${job.done} of ${job.total}` : job.state === "done" ? `${job.done} of ${job.total} read. The assistant uses them from now on.` : "Reading the documents failed."}
      </p>
      {job.state === "running" && <progress aria-label="Progress" className="mt-2 block h-1.5 w-full overflow-hidden rounded-full accent-iris" value={share} max={100} />}
      {job.errors.length > 0 && (
        <ul className="mt-2 space-y-0.5 text-sm text-brick">
          {job.errors.map((error) => (
            <li key={error.file}>
              {error.file}: {error.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
