/** An article of one's own, or from a reply that helped. */
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api, explain, fieldErrors } from "~/api/client";
import type { KnowledgeJob } from "~/api/contract";
import { recall, remember } from "~/lib/storage";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { TextArea, TextField } from "~/ui/field";
import { NoPermission } from "~/ui/states";
import { useJob } from "./job";

const MarkdownText = lazy(() => import("~/ui/markdown"));

type Article = { title: string; markdown: string; reference?: string };

export function WriteTab({ onDone }: { onDone: () => void }) {
  const { may } = useMe();
  const { start } = useJob();
  const [article, setArticle] = useState<Article>(() => recall<Article>("article", { title: "", markdown: "" }, "session"));
  const change = (part: Partial<Article>): void => {
    const next = { ...article, ...part };
    setArticle(next);
    remember("article", next, "session");
  };
  const save = useMutation({
    mutationFn: () => api<KnowledgeJob>("/knowledge/articles", { method: "POST", body: { title: article.title.trim(), markdown: article.markdown, ...(article.reference === undefined ? {} : { reference: article.reference }) } }),
    onSuccess: (job) => {
      remember("article", null, "session");
      start(job);
      announce("Saved. The assistant reads it now.");
      onDone();
    },
  });
  if (!may("operator")) return <NoPermission />;
  const errors = fieldErrors(save.error);
  return (
    <form className="grid gap-5 lg:grid-cols-2" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <div className="space-y-3">
        {article.reference !== undefined && <p className="text-sm text-muted">From the reply in <span className="font-mono">{article.reference}</span>. Take out what is only about that customer.</p>}
        <TextField label="Title" hint="As a customer would look for it" required maxLength={200} value={article.title} error={errors.title} onChange={(event) => change({ title: event.target.value })} />
        <TextArea label="Text (Markdown)" required rows={14} value={article.markdown} error={errors.markdown} onChange={(event) => change({ markdown: event.target.value })} />
        {save.isError && Object.keys(errors).length === 0 && <p role="alert" className="text-sm text-brick">{explain(save.error)}</p>}
        <button type="submit" className="button button-primary" disabled={save.isPending || article.title.trim() === "" || article.markdown.trim() === ""}>{save.isPending ? "Saving…" : "Save the article"}</button>
      </div>
      <section aria-label="Preview" className="card min-h-40 self-start px-4 py-3">
        <h2 className="eyebrow mb-2">Preview</h2>
        {article.title !== "" && <p className="mb-2 text-lg font-semibold">{article.title}</p>}
        <Suspense fallback={<p className="text-muted">Preparing the preview…</p>}>
          <MarkdownText text={article.markdown === "" ? "*What you write appears here.*" : article.markdown} />
        </Suspense>
      </section>
    </form>
  );
}
