import { useMutation } from "@tanstack/react-query";
import clsx from "clsx";
import { FileUp } from "lucide-react";
import { useId, useState } from "react";
import { api, explain } from "~/api/client";
import type { KnowledgeJob } from "~/api/contract";
import { bytes, plural } from "~/lib/numbers";
import { refusedFile } from "./files";
import { JobProgress, useJob } from "./job";

/** Drop documents, or choose them; each is read on the box. */
export function Upload() {
  const id = useId();
  const { job, start } = useJob();
  const [isOver, setOver] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const upload = useMutation({
    mutationFn: (files: File[]) => {
      const form = new FormData();
      for (const file of files) form.append("file", file);
      return api<KnowledgeJob>("/knowledge/documents", { method: "POST", body: form });
    },
    onSuccess: start,
  });
  const take = (list: FileList | null): void => {
    const files = [...(list ?? [])];
    const complaints = files.map((file) => refusedFile(file)).filter((text) => text !== null);
    const good = files.filter((file) => refusedFile(file) === null).slice(0, 20);
    setRefused(files.length > 20 ? [...complaints, "At most 20 files at once; the first 20 were taken."] : complaints);
    if (good.length > 0) upload.mutate(good);
  };
  const waiting = upload.isPending ? upload.variables : [];
  return (
    <div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dropping is a shortcut; the label opens the chooser */}
      <label
        htmlFor={id}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer.files); }}
        className={clsx("mb-4 flex cursor-pointer flex-col items-center rounded-xl border border-dashed px-6 py-7 text-center focus-within:outline-2 focus-within:outline-pine", isOver ? "border-pine bg-pine-tint" : "border-control bg-surface hover:bg-hover")}
      >
        <FileUp size={20} aria-hidden className="text-pine" />
        <span className="mt-2 text-sm font-medium">Drop documents here, or choose them</span>
        <span className="text-xs text-muted">Markdown, text or HTML; up to 20 files of 2 MB</span>
        <input id={id} type="file" multiple accept=".md,.markdown,.txt,.html,.htm" className="sr-only" onChange={(event) => { take(event.target.files); event.target.value = ""; }} />
      </label>
      {refused.length > 0 && (
        <ul role="alert" className="mb-3 text-sm text-brick">
          {refused.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {upload.isError && <p role="alert" className="mb-3 text-sm text-brick">{explain(upload.error)}</p>}
      {upload.isPending && <p role="status" className="mb-3 text-sm text-muted">Sending {plural(waiting.length, "file")} ({bytes(waiting.reduce((sum, file) => sum + file.size, 0))})…</p>}
      <JobProgress job={job} />
    </div>
  );
}
